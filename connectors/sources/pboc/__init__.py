"""PBOC Credit Reference Centre (央行征信中心): the second-generation personal report.

`frame` and `message` are the transport, `report` reads what is inside it, driven by `dictionary`
(every tag) and `values` (every code). `scores` and `disputes` are further messages, not asked by
the gateway yet. Read `connector` first.
"""

from connectors.sources.pboc.connector import build

__all__ = ["build"]
