"""The stand-alone verifier: a log in C2SP layout and a vkey in, a verdict out.

Needs no server and no database, only something that hands out files by path. What must hold:

1. the checkpoint is signed by the key given, which came by another way than the log;
2. every entry hashes to its place in its level 0 tile;
3. every tile hashes to its place in the tile above it;
4. all entries together hash to the root that was signed;
5. the entries up to an older checkpoint hash to that one's root, when one is given.

The first bad index is the lowest index that can be seen to be no longer vouched for. Entries are
read in order and each is compared with all levels above it before the next is read, so nothing
is held but one bundle and one tile per level, and every step either moves on or raises.

    python -m consent.audit.verify --vkey NAME+ID+KEY [--older FILE] DIRECTORY
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from consent.audit.merkle import HASH_BYTES, TILE_HEIGHT, TILE_WIDTH, Frontier, fold
from consent.audit.note import MAX_NOTE_BYTES, Checkpoint, Vkey
from consent.audit.tiles import MAX_BUNDLE_BYTES, Resource, pack_bundle, unpack_bundle, width_at
from consent.clock import monotonic_s
from consent.errors import LogCorrupt

Fetch = Callable[[str], bytes]
"""Hands out the resource at a C2SP path, or raises `OSError` or `LookupError`."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A log all of whose entries are what its operator signed."""

    origin: str
    size: int
    root: bytes
    seconds: float


def verify(fetch: Fetch, vkey: Vkey, *, older: bytes | None = None) -> Verified:
    """Check everything the module lists; LogCorrupt with the first bad index otherwise.

    `older` is a checkpoint of the same log that was kept elsewhere.
    """
    started = monotonic_s()
    head = Checkpoint.open(_fetch(fetch, "checkpoint", None), vkey)  # 1
    kept = None if older is None else Checkpoint.open(older, vkey)
    if kept is not None and kept.size > head.size:
        raise LogCorrupt("the log is behind the older checkpoint", index=head.size)
    walk = _Walk(fetch, head.size)
    for number in range(-(-head.size // TILE_WIDTH)):
        before = walk.frontier.copy()
        hashes = walk.level_0(number)  # 2, 3
        if kept is not None and 0 < kept.size - before.size <= len(hashes):
            for leaf in hashes[: kept.size - before.size]:
                before.push(leaf)
            if before.root() != kept.root:  # 5
                raise LogCorrupt("the log contradicts the older checkpoint", index=0)
    if walk.missing is not None:
        raise walk.missing
    if walk.frontier.root() != head.root:  # 4
        vouched = 0 if kept is None else kept.size
        raise LogCorrupt("the entries do not hash to the signed root", index=vouched)
    return Verified(head.origin, head.size, head.root, monotonic_s() - started)


class _Walk:
    """One pass over a log of `size` entries, from the first to the last."""

    def __init__(self, fetch: Fetch, size: int) -> None:
        self._fetch = fetch
        self._size = size
        self._above: dict[int, tuple[int, bytes | None]] = {}
        self.frontier = Frontier()
        self.missing: LogCorrupt | None = None

    def level_0(self, number: int) -> list[bytes]:
        """Check one bundle against its tile and the tile against those above; its leaf hashes."""
        first = number * TILE_WIDTH
        width = width_at(self._size, 0, number)
        bundle = self._read(Resource(None, number, width), first)
        tile = self._read(Resource(0, number, width), first)
        if len(tile) != width * HASH_BYTES:
            raise LogCorrupt(f"{Resource(0, number, width).path} has a wrong size", index=first)
        hashes = _leaf_hashes(bundle, tile, first)
        if width < TILE_WIDTH:
            for leaf in hashes:
                self.frontier.push(leaf)
            return hashes
        node = fold(tile)
        for level, above in enumerate([node, *self.frontier.push(node, TILE_HEIGHT)], start=1):
            self._check_above(level, above)
        return hashes

    def _check_above(self, level: int, node: bytes) -> None:
        """The node just completed, the last of its level, is the one the tile above has."""
        index = (self.frontier.size >> TILE_HEIGHT * level) - 1
        number, at = divmod(index, TILE_WIDTH)
        first = index << TILE_HEIGHT * level
        held, tile = self._above.get(level, (-1, None))
        if held != number:
            tile = self._read_above(Resource(level, number, width_at(self._size, level, number)))
            self._above[level] = (number, tile)
        if tile is not None and tile[at * HASH_BYTES : (at + 1) * HASH_BYTES] != node:
            raise LogCorrupt(f"entries do not hash to their tile of level {level}", index=first)

    def _read_above(self, resource: Resource) -> bytes | None:
        """An upper tile. None when it is not there: what it stands for may be all the worse.

        A log that was cut off lacks both entries and upper tiles, and it is the entries that tell
        where. So the walk goes on, and `missing` is raised when it ends without finding worse.
        """
        first = resource.number << TILE_HEIGHT * ((resource.level or 0) + 1)
        try:
            tile = self._read(resource, first)
        except LogCorrupt as exc:
            self.missing = self.missing or exc
            return None
        if len(tile) != resource.width * HASH_BYTES:
            raise LogCorrupt(f"{resource.path} has a wrong size", index=first)
        return tile

    def _read(self, resource: Resource, first: int) -> bytes:
        """A resource as wide as the log needs it; a full one may stand in for a partial one."""
        try:
            return _fetch(self._fetch, resource.path, first)
        except LogCorrupt:
            if resource.width == TILE_WIDTH:
                raise
        # tlog-tiles, "Partial Tiles": a log may drop a partial tile once the full one is there.
        full = _fetch(self._fetch, Resource(resource.level, resource.number).path, first)
        if resource.level is not None:
            return full[: resource.width * HASH_BYTES]
        try:
            return pack_bundle(unpack_bundle(full)[: resource.width])
        except ValueError:
            raise LogCorrupt("an entry bundle is torn", index=first) from None


def _fetch(fetch: Fetch, path: str, index: int | None) -> bytes:
    try:
        resource = fetch(path)
    except (OSError, LookupError):
        raise LogCorrupt(f"{path} cannot be read", index=index) from None
    if len(resource) > max(MAX_BUNDLE_BYTES, MAX_NOTE_BYTES):
        raise LogCorrupt(f"{path} is larger than any file of a log", index=index)
    return resource


def _leaf_hashes(bundle: bytes, tile: bytes, first: int) -> list[bytes]:
    """The leaf hashes of a bundle, each compared with its place in the tile."""
    hashes: list[bytes] = []
    at, end = 0, len(bundle)
    while at + 2 <= end and len(hashes) <= TILE_WIDTH:
        start = at + 2
        at = start + (bundle[at] << 8 | bundle[at + 1])
        if at > end:
            break
        hashes.append(sha256(b"\x00" + bundle[start:at]).digest())
    if at == end and b"".join(hashes) == tile:
        return hashes
    for offset in range(len(tile) // HASH_BYTES):
        if hashes[offset : offset + 1] != [tile[offset * HASH_BYTES : (offset + 1) * HASH_BYTES]]:
            raise LogCorrupt("an entry is not the one in its tile", index=first + offset)
    raise LogCorrupt(
        "an entry bundle holds more than its tile", index=first + len(tile) // HASH_BYTES
    )


def directory(path: Path) -> Fetch:
    """Hands out the files of an exported log, and nothing outside of it."""

    def fetch(resource: str) -> bytes:
        with (path / resource).open("rb") as file:
            return file.read(MAX_BUNDLE_BYTES + 1)

    return fetch


def main(argv: Sequence[str] | None = None) -> int:
    """Verify an exported log; 0 when it holds, 1 when it does not, 2 when asked wrongly."""
    parser = argparse.ArgumentParser(
        prog="python -m consent.audit.verify", description="Verify an exported audit log."
    )
    parser.add_argument("log", type=Path, metavar="DIRECTORY")
    parser.add_argument("--vkey", type=Vkey.parse, required=True, help="name+id+key of the log")
    parser.add_argument("--older", type=Path, help="a checkpoint of this log kept elsewhere")
    given = parser.parse_args(argv)
    if not given.log.is_dir():
        parser.error(f"no directory {given.log}")
    try:
        older = None if given.older is None else given.older.read_bytes()
        found = verify(directory(given.log), given.vkey, older=older)
    except LogCorrupt as exc:
        sys.stderr.write(f"NOT VERIFIED: {exc}\n")
        return 1
    except OSError as exc:
        parser.error(f"cannot read {given.older}: {exc.strerror}")
    sys.stdout.write(
        f"verified {found.size} entries of {found.origin} in {found.seconds:.2f} s,"
        f" root {found.root.hex()}\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
