"""Evidence: what happened, in an order nobody can quietly change.

`catalogue` is the closed list of events, `log` appends them to an RFC 6962 tree inside the
caller's transaction, `tree` and `search` read it, `kept` holds checkpoints apart from it, `verify`
checks a log without any server. Imports the floor's words and the vault's signatures. Read
`catalogue` first.
"""
