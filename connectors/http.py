"""The only door to the network."""


class SourceClient:
    """HTTP as one source sees it."""
