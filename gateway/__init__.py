"""The request: from an authenticated call to a sealed, explained, audited profile.

Imports `connectors` and `consent`; nothing imports it. Read `pipeline` first: steps 1-8 of a
request on one page.
"""
