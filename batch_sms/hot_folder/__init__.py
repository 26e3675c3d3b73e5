"""The hot folder: lists that are dropped in are sent by the folder's campaign, and come out with their results."""
