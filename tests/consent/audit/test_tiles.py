"""Paths and bundles of a tiled log."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.audit.merkle import HASH_BYTES, leaf_hash
from consent.audit.tiles import Resource, nodes, pack_bundle, resources, unpack_bundle, width_at


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        (Resource(0, 0), "tile/0/000"),
        (Resource(3, 1234067), "tile/3/x001/x234/067"),
        (Resource(0, 1000, 8), "tile/0/x001/000.p/8"),
        (Resource(None, 5, 255), "tile/entries/005.p/255"),
    ],
)
def test_a_path_reads_back_as_what_it_names(resource: Resource, path: str) -> None:
    """The examples of the specification: mirrors and caches rely on the exact path."""
    assert resource.path == path
    assert Resource.parse(path) == resource


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/00/000",
        "tile/64/000",
        "tile/0/x000/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/08",
        "tile/entries/../000",
        "tile/0/000\n",
        "checkpoint",
        "",
    ],
)
def test_a_path_has_one_spelling(path: str) -> None:
    """A second spelling of a path is a way around a cache or out of a directory."""
    with pytest.raises(ValueError, match="not a tile"):
        Resource.parse(path)


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_a_bundle_gives_back_its_entries(entries: list[bytes]) -> None:
    """Also the empty entry, and entries that look like lengths."""
    assert unpack_bundle(pack_bundle(entries)) == entries


def test_a_torn_bundle_is_refused() -> None:
    """A bundle that ends early must not read as a shorter one."""
    for torn in (pack_bundle([b"abc"])[:-1], b"\x00", b"\x00\x01"):
        with pytest.raises(ValueError, match="middle"):
            unpack_bundle(torn)


def test_an_entry_too_long_for_its_length_is_refused() -> None:
    """Sixteen bits of length; one byte more would shift every entry after it."""
    assert unpack_bundle(pack_bundle([bytes(65_535)])) == [bytes(65_535)]
    with pytest.raises(OverflowError):
        pack_bundle([bytes(65_536)])


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 65_535, 65_536, 65_537, 70_000])
def test_resources_cover_every_node_once(size: int) -> None:
    """An export that leaves out a tile does not verify."""
    counted: dict[int | None, int] = {}
    for resource in resources(size):
        counted[resource.level] = counted.get(resource.level, 0) + resource.width
        assert resource.width == width_at(size, resource.level or 0, resource.number)

    expected = {level: size >> 8 * level for level in range(3) if size >> 8 * level}
    assert counted.pop(None, 0) == size
    assert counted == expected


def test_a_tile_shorter_than_its_tree_makes_no_proof() -> None:
    """A hole in a tile must stop a proof, not end up hashed into it."""
    with pytest.raises(ValueError, match="shorter"):
        nodes(lambda _level, _number: bytes(HASH_BYTES))(1, 0)


def test_bundles_of_another_implementation_match_its_tiles(shared: Path) -> None:
    """Tessera's files, read by ours: the layout is the one others use."""
    log = shared / "vectors" / "c2sp" / "tessera-log"
    for width in range(1, 16):
        entries = unpack_bundle((log / Resource(None, 0, width).path).read_bytes())
        hashes = b"".join(leaf_hash(entry) for entry in entries)
        assert len(entries) == width
        assert hashes == (log / Resource(0, 0, width).path).read_bytes()
