"""The sources: one file or folder each in `sources/`, and what they share.

Turns the permission of the floor into evidence: fetch, then normalise into `records`.
Imports `consent`, never `gateway`. Read `base` first.
"""
