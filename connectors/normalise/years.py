"""Years that can be meant."""

OLDEST = 1900
"""A year before it is a typing error, not a life."""
