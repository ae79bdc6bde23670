"""Which value? Records that speak of one thing in, one explained conclusion out, nothing lost.

Pure: reports, rules and an instant in, a profile out. `whole` is the way through it, `rules` are
the rules by name and version, `config` says which field follows which.
"""

from gateway.merge.config import MergeConfig
from gateway.merge.whole import merge

__all__ = ["MergeConfig", "merge"]
