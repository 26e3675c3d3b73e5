"""Looks whether all is in place for sending: the key, the way to the gateway, its calls, the ledger."""
