"""The name of this build, as audit entries and snapshots carry it.

A version alone names many states of a checkout. What decides a profile is the code that ran, so
the name ends with a digest over it; libraries are pinned by `requirements.lock`.
"""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("connectors", "consent", "gateway")
_DIGITS = 12


@cache
def name() -> str:
    """`creditgate <version>+<digest of its source files>`."""
    whole = hashlib.sha256()
    root = Path(__file__).resolve().parents[1]
    for package in _PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            whole.update(f"{path.relative_to(root).as_posix()}\0{content}\n".encode())
    return f"creditgate {version('creditgate')}+{whole.hexdigest()[:_DIGITS]}"
