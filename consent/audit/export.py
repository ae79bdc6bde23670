"""A stored tree as files an auditor takes away, in C2SP tlog-tiles layout."""

from pathlib import Path

from consent.audit.tiles import resources
from consent.audit.tree import Tree


def export(tree: Tree, directory: Path) -> None:
    """Write every entry bundle and tile of `tree`, and last the checkpoint over them.

    An export that was cut short has no checkpoint, so it does not verify.
    """
    for resource in resources(tree.size):
        _write(directory / resource.path, tree.resource(resource.path))
    _write(directory / "checkpoint", tree.checkpoint)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
