"""When messages may go: the window of a run, the hours of those who get them, caps. Pure: it is told the time.

Moments are seconds since 1970 (as ``datetime.timestamp`` gives them), which no change to summer time bends.
"""
