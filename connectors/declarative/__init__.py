"""Sources without code: what is asked and where the facts stand in the answer, as configuration.

For a source that answers JSON and whose document only the member has. Nothing here knows a field
of any real source. Start reading at `connector`; `docs/sources/
declarative.md` has a worked example. May import what a source may; knows no source.
"""

from connectors.declarative.connector import build

__all__ = ["build"]
