"""Signed notes and checkpoints, against notes signed by others."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from consent.audit.note import Checkpoint, Note, Vkey, sign
from consent.errors import LogCorrupt
from consent.vault.signing import Signer

SIGNER = Signer(b"\x07" * 32)
LOG = "credit.example/audit/lender-7/2026"
HEAD = Checkpoint(LOG, 3, bytes(range(32)))
VKEY = Vkey(LOG, SIGNER.public.raw)


def c2sp(shared: Path, name: str) -> Any:
    """A file of vectors."""
    return json.loads((shared / "vectors" / "c2sp" / name).read_bytes())


def test_notes_signed_by_go_verify(shared: Path) -> None:
    """golang.org/x/mod/sumdb/note wrote the format; one signature or two, either key."""
    case = c2sp(shared, "note-go.json")
    for lines in (case["sig_peter"], case["sig_enoch"], case["sig_peter"] + case["sig_enoch"]):
        note = Note.parse((case["text"] + "\n" + lines).encode())
        assert note.text == case["text"]
        for who in ("peter", "enoch"):
            if case[f"sig_{who}"] in lines:
                note.check(Vkey.parse(case[f"vkey_{who}"]))
            else:
                with pytest.raises(LogCorrupt, match="not signed by"):
                    note.check(Vkey.parse(case[f"vkey_{who}"]))


def test_our_note_is_byte_for_byte_that_of_go(shared: Path) -> None:
    """Ed25519 is deterministic, so the same key and text leave no room for difference."""
    case = c2sp(shared, "note-go.json")
    seed = base64.b64decode(case["skey_peter"].split("+", 4)[4])[1:]
    ours = sign(case["text"], "PeterNeumann", Signer(seed))

    assert ours.decode() == case["text"] + "\n" + case["sig_peter"]


def test_vkeys_are_read_and_written_as_go_does(shared: Path) -> None:
    """A key id that does not fit, or a key of an unknown type, is a mistyped key."""
    case = c2sp(shared, "note-go.json")
    for text in (case["vkey_peter"], case["vkey_enoch"]):
        assert str(Vkey.parse(text)) == text
    good = case["vkey_peter"]
    for bad in [*case["bad_vkeys"], "", "name", good[:-4], good.replace("Peter", "Pet er")]:
        with pytest.raises(ValueError, match="a vkey is"):
            Vkey.parse(bad)


def test_the_example_of_the_specification_verifies(shared: Path) -> None:
    """And a text with an empty line in it is split at the last one."""
    case = c2sp(shared, "signed-note-example.json")
    Note.parse(case["note"].encode()).check(Vkey.parse(case["vkey"]))

    assert Note.parse(case["note_no_key"].encode()).text.count("\n") == 4


def test_lines_of_witnesses_are_passed_over(shared: Path) -> None:
    """Witnesses add lines after us; their presence changes nothing for those who trust us."""
    case = c2sp(shared, "checkpoint-examples.json")
    plain, cosigned = (Note.parse(case[name].encode()) for name in ("checkpoint", "cosigned"))

    assert Checkpoint.parse(plain.text) == Checkpoint.parse(cosigned.text)
    assert Checkpoint.parse(plain.text).size == 20852163
    assert [s.name for s in cosigned.signatures][1:] == ["witness.example.com/w1"]


def test_checkpoints_of_another_log_verify(shared: Path) -> None:
    """Every state of a log written by Tessera, under its own key only."""
    log = shared / "vectors" / "c2sp" / "tessera-log"
    vkey = Vkey.parse((log / "log.vkey").read_text().strip())
    for size in range(1, 16):
        note = (log / f"checkpoint.{size}").read_bytes()
        assert Checkpoint.open(note, vkey).size == size
        with pytest.raises(LogCorrupt, match="not signed by"):
            Checkpoint.open(note, Vkey(vkey.name, SIGNER.public.raw))


def test_a_checkpoint_reads_back_as_signed() -> None:
    """The pinned bytes: if this moves, every kept checkpoint is void; write an ADR."""
    note = HEAD.sign(SIGNER)

    assert Checkpoint.open(note, VKEY) == HEAD
    assert note.decode().startswith(
        "credit.example/audit/lender-7/2026\n3\n"
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n"
        "— credit.example/audit/lender-7/2026 "
    )


def test_each_changed_byte_of_a_checkpoint_is_noticed() -> None:
    """Origin, size, root, key id, signature: nothing in a checkpoint is decoration."""
    note = HEAD.sign(SIGNER)
    for at in range(len(note)):
        changed = note[:at] + bytes([note[at] ^ 1]) + note[at + 1 :]
        with pytest.raises(LogCorrupt):
            Checkpoint.open(changed, VKEY)


def test_a_checkpoint_of_another_tree_is_refused() -> None:
    """One gateway key signs for all members, so the name must keep their trees apart."""
    other = Checkpoint("credit.example/audit/lender-8/2026", 3, HEAD.root)
    with pytest.raises(LogCorrupt, match="not signed by"):
        Checkpoint.open(other.sign(SIGNER), VKEY)
    with pytest.raises(LogCorrupt, match="another log"):
        Checkpoint.open(sign(f"other\n3\n{'A' * 43}=\n", LOG, SIGNER), VKEY)


def test_one_bad_signature_of_ours_spoils_a_note() -> None:
    """signed-note: a failing signature of a known key is an attack, not a line to skip."""
    good = HEAD.sign(SIGNER).decode()
    line = good.rpartition("— ")[2]
    forged = base64.b64encode(VKEY.key_id + bytes(64)).decode()
    with pytest.raises(LogCorrupt, match="does not fit"):
        Checkpoint.open(f"{good}— {LOG} {forged}\n".encode(), VKEY)
    assert Checkpoint.open(f"{good}— {line}".encode(), VKEY) == HEAD


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\nno dash AAAAAAAA\n",
        "text\n\n— name\n".encode(),
        "text\n\n— name not-base64\n".encode(),
        "text\n\n— name AAAA\n".encode(),
        "text\n\n— na+me AAAAAAAA\n".encode(),
        "text\n\n— name AAAAAAAA".encode(),
        "te\txt\n\n— name AAAAAAAA\n".encode(),
        "text\n\n— name AAAAAAAA\n\n".encode(),
        b"\xff\n\n\xe2\x80\x94 name AAAAAAAA\n",
        b"text\n\n" + "— name AAAAAAAA\n".encode() * 101,
        b"x" * 1_000_001,
    ],
)
def test_what_is_not_a_note_is_refused(note: bytes) -> None:
    """A parser that guesses is how a forged line gets read as a signature."""
    with pytest.raises(LogCorrupt):
        Note.parse(note)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "log\n3\n",
        "log\n03\nROOT\n",
        "log\n-3\nROOT\n",
        "log\n٣\nROOT\n",
        "log\n3\nAAAA\n",
        "log\n3\nROOT",
        "log\n3\nROOT\n\n",
        "\n3\nROOT\n",
        "lo g\n3\nROOT\n",
        "log\n3\n" + "!" * 44 + "\n",
    ],
)
def test_what_is_not_a_checkpoint_is_refused(text: str) -> None:
    """Two spellings of one size would be two checkpoints of one tree."""
    with pytest.raises(LogCorrupt):
        Checkpoint.parse(text.replace("ROOT", "A" * 43 + "="))


def test_extension_lines_are_allowed() -> None:
    """tlog-checkpoint leaves room for them; the signature covers them all the same."""
    assert Checkpoint.parse(f"log\n3\n{'A' * 43}=\nextra\n") == Checkpoint("log", 3, bytes(32))
