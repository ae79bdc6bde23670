"""Signed notes and checkpoints: how a tree head is signed so that anyone can check it.

Formats: c2sp.org/signed-note and c2sp.org/tlog-checkpoint at 5ba5ee83. A note is text, an empty
line, and one line `— name base64(key id | signature)` per signature. A checkpoint is a note whose
text is origin, size and root. The log signs as its origin, so a key given out for one tree does
not vouch for another. Lines of keys we do not know, such as witnesses', are passed over.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256

from consent.audit.merkle import HASH_BYTES
from consent.errors import LogCorrupt, VaultError
from consent.vault.signing import PublicKey, Signer

MAX_NOTE_BYTES = 1_000_000  # as golang.org/x/mod/sumdb/note: bounds what a stranger makes us parse
_MAX_SIGNATURES = 100
_ED25519 = b"\x01"  # signed-note, "Signature types"
_KEY_ID_BYTES = 4
_DASH = "— "
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Vkey:
    """Who may sign: a key name and an Ed25519 public key, written `name+id+base64`."""

    name: str
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """Tells keys of one name apart; not a secure digest, the signature is what counts."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public_key).digest()[:4]

    def __str__(self) -> str:
        key = base64.b64encode(_ED25519 + self.public_key).decode()
        return f"{self.name}+{self.key_id.hex()}+{key}"

    @classmethod
    def parse(cls, text: str) -> "Vkey":
        """Read the text form; ValueError when it is not one of a usable Ed25519 key."""
        name, _, rest = text.partition("+")
        key_id, _, encoded = rest.partition("+")
        try:
            key = _decode(encoded)
            PublicKey(key[1:])
        except (ValueError, VaultError):
            key = b""
        vkey = cls(name, key[1:])
        if not _is_name(name) or key[:1] != _ED25519 or vkey.key_id.hex() != key_id:
            raise ValueError("a vkey is name+id+base64 of an Ed25519 key, its id fitting")
        return vkey


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line, not yet believed."""

    name: str
    key_id: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A parsed note, not yet believed; `text` ends in a newline and is what was signed."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, note: bytes) -> "Note":
        """Split text from signatures; LogCorrupt when `note` is not a signed note."""
        try:
            whole = note.decode() if len(note) <= MAX_NOTE_BYTES else ""
        except UnicodeDecodeError:
            whole = ""
        # The last empty line ends the text, so the text itself may hold empty lines.
        end = whole.rfind("\n\n") + 1
        lines = whole[end + 1 :].split("\n")
        if not end or lines.pop() or not 0 < len(lines) <= _MAX_SIGNATURES:
            raise LogCorrupt("not a signed note")
        if any(char < " " and char != "\n" for char in whole):
            raise LogCorrupt("a signed note holds no control characters")
        return cls(whole[:end], tuple(_signature(line) for line in lines))

    def check(self, vkey: Vkey) -> None:
        """The note is signed by `vkey`, else LogCorrupt; one bad line of its spoils the note."""
        ours = [s for s in self.signatures if (s.name, s.key_id) == (vkey.name, vkey.key_id)]
        key = PublicKey(vkey.public_key)
        if not ours:
            raise LogCorrupt("the note is not signed by the expected key")
        if not all(key.verify(s.value, self.text.encode()) for s in ours):
            raise LogCorrupt("the signature of the note does not fit its text")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head: what a log of `origin` says its first `size` entries hash to."""

    origin: str
    size: int
    root: bytes

    def sign(self, signer: Signer) -> bytes:
        """The checkpoint as a note signed in the name of its origin."""
        root = base64.b64encode(self.root).decode()
        return sign(f"{self.origin}\n{self.size}\n{root}\n", self.origin, signer)

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read a note's text; further (extension) lines are allowed and passed over."""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() or not all(lines):  # noqa: PLR2004 - three lines and the end
            raise LogCorrupt("not a checkpoint: its lines are origin, size and root")
        origin, size, encoded, *_extensions = lines
        try:
            root = _decode(encoded)
        except ValueError:
            root = b""
        if not _is_name(origin) or _SIZE.fullmatch(size) is None or len(root) != HASH_BYTES:
            raise LogCorrupt("not a checkpoint: a name, a decimal size, a SHA-256 hash in base64")
        return cls(origin, int(size), root)

    @classmethod
    def open(cls, note: bytes, vkey: Vkey) -> "Checkpoint":
        """The checkpoint in `note` once its signature by `vkey` and its origin are checked."""
        parsed = Note.parse(note)
        parsed.check(vkey)
        checkpoint = cls.parse(parsed.text)
        if checkpoint.origin != vkey.name:
            raise LogCorrupt("the checkpoint is of another log")
        return checkpoint


def sign(text: str, name: str, signer: Signer) -> bytes:
    """`text`, which ends in a newline, as a note signed by `signer` under `name`."""
    key_id = Vkey(name, signer.public.raw).key_id
    signature = base64.b64encode(key_id + signer.sign(text.encode())).decode()
    return f"{text}\n{_DASH}{name} {signature}\n".encode()


def _signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        blob = _decode(encoded)
    except ValueError:
        blob = b""
    if not line.startswith(_DASH) or not _is_name(name) or len(blob) <= _KEY_ID_BYTES:
        raise LogCorrupt("a signature line of a note is malformed")
    return Signature(name, blob[:_KEY_ID_BYTES], blob[_KEY_ID_BYTES:])


def _is_name(name: str) -> bool:
    """signed-note, "Format": not empty, no Unicode spaces, no plus."""
    return bool(name) and "+" not in name and not any(char.isspace() for char in name)


def _decode(text: str) -> bytes:
    """Strict base64: one text per value, so that a note has one form; ValueError otherwise."""
    try:
        value = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
    if base64.b64encode(value).decode() != text:
        raise ValueError("not canonical base64")
    return value
