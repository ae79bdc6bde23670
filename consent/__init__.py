"""Permission, protection, evidence: the floor everything else stands on.

`decision` says whether we may ask, `vault` keeps what we got, `audit` proves what we did,
`journal` makes state and its evidence durable together. Imports nothing of ours.
Read `decision` first.
"""
