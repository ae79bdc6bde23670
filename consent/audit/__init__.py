"""Evidence: what happened, in an order nobody can quietly change.

`catalogue` is the closed list of events, `log` appends them to an RFC 6962 tree inside the
caller's transaction, `verify` checks a log without any server. Imports nothing of ours but the
floor's words. Read `catalogue` first.
"""
