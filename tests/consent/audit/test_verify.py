"""The stand-alone verifier: it accepts what we sign and names where anything else begins."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from consent.audit.merkle import EMPTY_ROOT, TILE_HEIGHT, Frontier, leaf_hash
from consent.audit.note import Checkpoint, Vkey
from consent.audit.tiles import pack_bundle, resources
from consent.audit.verify import Fetch, directory, main, verify
from consent.errors import LogCorrupt
from consent.vault.signing import Signer

SIGNER = Signer(b"\x07" * 32)
VKEY = Vkey("credit.example/audit/lender-7/2026", SIGNER.public.raw)
SIZE = 600  # two full tiles of level 0 and a partial one, a partial tile of level 1

Files = dict[str, bytes]


def log_of(entries: Sequence[bytes], signer: Signer = SIGNER) -> Files:
    """A whole log by path."""
    levels: list[list[bytes]] = [[], [], []]
    frontier = Frontier()
    for entry in entries:
        leaf = leaf_hash(entry)
        for level, node in enumerate([leaf, *frontier.push(leaf)]):
            levels[level].append(node)
    files = {
        "checkpoint": Checkpoint(VKEY.name, len(entries), frontier.root()).sign(signer),
    }
    for resource in resources(len(entries)):
        row = entries if resource.level is None else levels[resource.level]
        part = row[resource.number << TILE_HEIGHT :][: resource.width]
        files[resource.path] = pack_bundle(part) if resource.level is None else b"".join(part)
    return files


ENTRIES = [b"entry %d" % number for number in range(SIZE)]
GOOD = log_of(ENTRIES)


def edit(path: str, change: Callable[[bytes], bytes]) -> Files:
    """The good log with one file changed."""
    return {**GOOD, path: change(GOOD[path])}


def flip(at: int) -> Callable[[bytes], bytes]:
    """One bit of one byte."""
    return lambda file: file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :]


def first_bad(files: Files, older: bytes | None = None, vkey: Vkey = VKEY) -> int | None:
    """The index the verifier names."""
    with pytest.raises(LogCorrupt) as told:
        verify(files.__getitem__, vkey, older=older)
    return told.value.index


def replaced(changes: dict[int, bytes]) -> Files:
    """A self-consistent log with some entries changed, signed with our own key."""
    return log_of([changes.get(index, entry) for index, entry in enumerate(ENTRIES)])


def mixed(files: Files, *paths: str) -> Files:
    """The good log with some files taken from another."""
    return {**GOOD, **{path: files[path] for path in paths}}


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 512, 600, 65_535, 65_536, 65_537])
def test_a_good_log_verifies(size: int) -> None:
    """At every size where a tile begins or fills."""
    entries = [b"%d" % number for number in range(size)]
    found = verify(log_of(entries).__getitem__, VKEY)

    assert (found.origin, found.size) == (VKEY.name, size)
    assert size or found.root == EMPTY_ROOT


def test_a_log_of_another_implementation_verifies(shared: Path) -> None:
    """Tessera's log, whose every older checkpoint it continues."""
    log = shared / "vectors" / "c2sp" / "tessera-log"
    vkey = Vkey.parse((log / "log.vkey").read_text().strip())
    for size in range(16):
        older = (log / f"checkpoint.{size}").read_bytes() if size else None
        assert verify(directory(log), vkey, older=older).size == 15


@pytest.mark.parametrize("index", [0, 1, 255, 256, 300, 511, 512, 599])
def test_a_changed_entry_is_named(index: int) -> None:
    """One bit of one entry, and the auditor is told which."""
    other = replaced({index: b"entry %d!" % index})
    bundle = [path for path in GOOD if path.startswith("tile/entries/")][index // 256]

    assert first_bad(mixed(other, bundle)) == index
    assert first_bad(edit(bundle, flip(-1))) == min(index | 255, SIZE - 1)


@pytest.mark.parametrize(
    ("path", "change", "index"),
    [
        ("tile/0/000", flip(0), 0),
        ("tile/0/001", flip(32 * 44), 300),
        ("tile/0/002.p/88", flip(32 * 88 - 1), 599),
        ("tile/1/000.p/2", flip(0), 0),
        ("tile/1/000.p/2", flip(63), 256),
        ("tile/entries/001", flip(1), 256),  # a length
        ("tile/0/001", lambda tile: tile[:-32], 256),
        ("tile/1/000.p/2", lambda tile: tile[:-32], 0),
        ("tile/entries/001", lambda bundle: bundle[:-1], 511),
        ("tile/entries/001", lambda _: b"", 256),
        ("tile/entries/002.p/88", lambda bundle: bundle + b"\0\1x", 600),
        ("tile/entries/002.p/88", lambda bundle: bundle + b"\0", 600),
        ("tile/entries/000", lambda bundle: bundle + bytes(2 * 65_535), 256),
    ],
)
def test_a_damaged_file_is_named(path: str, change: Callable[[bytes], bytes], index: int) -> None:
    """Tiles of both levels, lengths, truncation, and more than there should be."""
    assert first_bad(edit(path, change)) == index


def test_entries_in_another_order_are_noticed() -> None:
    """The same words in another order are another story."""
    swapped = list(ENTRIES)
    swapped[300], swapped[301] = swapped[301], swapped[300]

    assert first_bad(mixed(log_of(swapped), "tile/entries/001")) == 300
    assert first_bad(mixed(log_of(swapped), "tile/entries/001", "tile/0/001")) == 256


def test_swapped_bundles_are_noticed() -> None:
    """Each file fits, only not where it stands."""
    swapped = {**GOOD, "tile/entries/000": GOOD["tile/entries/001"]}

    assert first_bad(swapped) == 0


def test_an_entry_changed_together_with_its_tile_is_noticed() -> None:
    """The tile above vouches for the tile; the root for what has no tile above yet."""
    files = replaced({300: b"forged", 599: b"forged"})

    assert first_bad(mixed(files, "tile/entries/001", "tile/0/001")) == 256
    assert first_bad(mixed(files, "tile/entries/001", "tile/0/001", "tile/1/000.p/2")) == 0
    assert first_bad(mixed(files, "tile/entries/002.p/88", "tile/0/002.p/88")) == 0


def test_an_older_checkpoint_narrows_down_what_is_bad() -> None:
    """What an older head vouches for is not under suspicion."""
    older = Checkpoint.open(log_of(ENTRIES[:550])["checkpoint"], VKEY).sign(SIGNER)
    files = mixed(replaced({599: b"forged"}), "tile/entries/002.p/88", "tile/0/002.p/88")

    assert first_bad(files, older) == 550


@pytest.mark.parametrize("gone", [path for path in GOOD if path != "checkpoint"])
def test_a_missing_file_is_noticed(gone: str) -> None:
    """Removing evidence is tampering too."""
    files = {path: file for path, file in GOOD.items() if path != gone}
    index = {"0": 0, "1": 256, "2": 512}[gone.split("/")[2][2]] if "1/000" not in gone else 0

    assert first_bad(files) == index


def test_a_truncated_log_needs_another_signature() -> None:
    """Cutting off the end needs our key, and then contradicts what was kept."""
    short = log_of(ENTRIES[:500])

    assert first_bad({**short, "checkpoint": GOOD["checkpoint"]}) == 256
    assert first_bad(short, GOOD["checkpoint"]) == 500


def test_a_checkpoint_changed_in_any_field_is_refused() -> None:
    """Size, root and signature: none of them is an entry, so no index is named."""
    head = Checkpoint.open(GOOD["checkpoint"], VKEY)
    signature = GOOD["checkpoint"].partition(b"\n\n")[2]
    for size, root in ((599, head.root), (601, head.root), (600, bytes(32))):
        text = Checkpoint(VKEY.name, size, root).sign(SIGNER).partition(b"\n\n")[0]
        forged = text + b"\n\n" + signature
        assert first_bad({**GOOD, "checkpoint": forged}) is None
    assert first_bad(edit("checkpoint", flip(-10))) is None
    assert first_bad({path: file for path, file in GOOD.items() if path != "checkpoint"}) is None


def test_a_wrong_root_with_a_good_signature_is_noticed() -> None:
    """A signer that lost its mind: the entries do not hash to what it says."""
    forged = Checkpoint(VKEY.name, SIZE, bytes(32)).sign(SIGNER)

    assert first_bad({**GOOD, "checkpoint": forged}) == 0


def test_a_log_replaced_under_another_key_is_refused() -> None:
    """A perfect log, only not the operator's."""
    assert first_bad(log_of(ENTRIES, Signer(bytes(32)))) is None


def test_a_log_replaced_under_our_own_key_is_noticed() -> None:
    """A stolen key rewrites everything but the checkpoint somebody else kept."""
    older = log_of(ENTRIES[:400])["checkpoint"]
    rewritten = replaced({17: b"forged"})

    assert verify(rewritten.__getitem__, VKEY).size == SIZE
    assert first_bad(rewritten, older) == 0


@pytest.mark.parametrize("size", [1, 255, 256, 257, 400, 512, 599, 600])
def test_every_older_checkpoint_is_continued(size: int) -> None:
    """Inside a tile, at its edge, and the very same one."""
    older = log_of(ENTRIES[:size])["checkpoint"]

    assert verify(GOOD.__getitem__, VKEY, older=older).size == SIZE
    assert first_bad(GOOD, log_of(ENTRIES[1 : size + 1])["checkpoint"]) == 0


def test_full_tiles_stand_in_for_partial_ones() -> None:
    """tlog-tiles lets a log drop partial tiles once the full ones are there."""
    bigger = log_of([*ENTRIES, *[b"later"] * 168, *[b"more"] * 300])
    full = {path: file for path, file in bigger.items() if ".p/" not in path}
    files = {**full, "tile/1/000.p/2": GOOD["tile/1/000.p/2"], "checkpoint": GOOD["checkpoint"]}

    assert verify(files.__getitem__, VKEY).size == SIZE
    assert first_bad({**files, "tile/entries/002": files["tile/entries/002"][:-1]}) == 512


def test_a_size_beyond_all_files_ends() -> None:
    """A signed size of ten to the eighteenth must not be counted through."""
    huge = Checkpoint(VKEY.name, 10**18, bytes(32)).sign(SIGNER)

    assert first_bad({**GOOD, "checkpoint": huge}) == 512


def test_a_file_without_end_is_refused() -> None:
    """A server that never stops sending costs a bounded amount of memory."""
    assert first_bad({**GOOD, "tile/0/001": bytes(20_000_000)}) == 256


def test_the_verifier_reads_every_file_once() -> None:
    """Streaming: nothing is asked for twice, nothing is left unread."""
    asked: list[str] = []

    def fetch(path: str) -> bytes:
        asked.append(path)
        return GOOD[path]

    verify(fetch, VKEY)
    assert sorted(asked) == sorted(GOOD)


def store(files: Files, directory_: Path) -> Fetch:
    """Write a log to disk."""
    shutil.rmtree(directory_, ignore_errors=True)
    for path, file in files.items():
        (directory_ / path).parent.mkdir(parents=True, exist_ok=True)
        (directory_ / path).write_bytes(file)
    return directory(directory_)


def test_the_command_says_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its exit code is what a script of the auditor looks at."""
    log, older = tmp_path / "log", tmp_path / "older"
    store(GOOD, log)
    older.write_bytes(log_of(ENTRIES[:400])["checkpoint"])
    command = ["--vkey", str(VKEY), "--older", str(older), str(log)]
    assert main(command) == 0
    assert capsys.readouterr().out.startswith(f"verified 600 entries of {VKEY.name} in 0.")

    store(replaced({17: b"forged"}), log)
    assert main(command) == 1
    assert "NOT VERIFIED: the log contradicts" in capsys.readouterr().err
    store(edit("tile/entries/001", flip(-1)), log)
    assert main(command) == 1
    assert "first bad index 511" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [
        ["."],
        ["--vkey", "x", "."],
        ["--vkey", str(VKEY), "--older", "gone", "."],
        ["--vkey", str(VKEY), "gone"],
    ],
)
def test_the_command_refuses_what_it_cannot_ask(command: list[str]) -> None:
    """A mistyped key or folder must look neither like a bad log nor like a good one."""
    with pytest.raises(SystemExit) as ended:
        main(command)
    assert ended.value.code == 2
