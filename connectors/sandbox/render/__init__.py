"""One module per source: a life, seen by one bureau, as that bureau's bytes.

Written from the same public documents as `connectors.sources`, and independently of it.
"""
