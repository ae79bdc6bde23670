"""consent.vault.webhook: a push is believed for its signature, and for nothing less."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.vault.webhook import Secrets

# The vector of the Standard Webhooks repository, libraries/*/tests.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
AT = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'
GOOD = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
BAD = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA="
OTHER = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="
OLD = "whsec_" + base64.b64encode(bytes(range(24))).decode()


def signed(signatures: str, secrets: Secrets | None = None) -> bool:
    """The published message with these signatures."""
    return (secrets or Secrets([SECRET])).signed(BODY, id_=ID, at=AT, signatures=signatures)


def test_the_published_vector_is_reproduced() -> None:
    """Whoever signs with any other library of the standard is understood."""
    assert Secrets([SECRET]).sign(BODY, id_=ID, at=AT) == GOOD
    assert signed(GOOD)


def test_one_good_signature_among_others_is_enough() -> None:
    """A sender that rotates its secret signs with both; versions we do not know are left alone."""
    assert signed(f"{OTHER} v2,{OTHER[3:]} {GOOD}")
    assert not signed(OTHER)


@pytest.mark.parametrize(
    "signatures",
    [
        "",
        BAD,
        GOOD[3:],
        f"v2,{GOOD[3:]}",
        f"v1 {GOOD[3:]}",
        "v1,",
        "v1,!!!",
        "v1,é",
        ",",
        " ",
        "v1",
    ],
)
def test_anything_else_is_not_a_signature(signatures: str) -> None:
    """Malformed headers are a plain no, never an exception that tells about our parsing."""
    assert not signed(signatures)


def test_every_part_is_signed() -> None:
    """A body, an id or a time moved onto another message's signature is a forgery."""
    secrets = Secrets([SECRET])

    assert not secrets.signed(BODY + b" ", id_=ID, at=AT, signatures=GOOD)
    assert not secrets.signed(BODY, id_=ID + "x", at=AT, signatures=GOOD)
    assert not secrets.signed(BODY, id_=ID, at=AT + timedelta(seconds=1), signatures=GOOD)
    assert not secrets.signed(b"\xff", id_=ID, at=AT, signatures=GOOD)


def test_old_and_new_secret_are_both_good() -> None:
    """Rotation needs no moment at which sender and receiver change together."""
    both = Secrets([OLD, SECRET])

    assert signed(GOOD, both)
    assert signed(Secrets([OLD]).sign(BODY, id_=ID, at=AT), both)
    assert not signed(GOOD, Secrets([OLD]))


def test_only_the_first_signatures_are_looked_at() -> None:
    """A header of thousands of signatures costs its sender more than us."""
    assert not signed(" ".join([BAD] * 16 + [GOOD]))


@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", SECRET[6:], "whsec_" + "A" * 28, "whsec_" + "A" * 92, SECRET[:-1], f"{SECRET}!"],
)
def test_a_weak_or_broken_secret_is_refused(secret: str) -> None:
    """Fewer than 24 bytes, or base64 that only looks like it, would be a lock for show."""
    with pytest.raises(ValueError, match="24 to 64 bytes") as raised:
        Secrets([secret])
    assert len(secret) < 7 or secret not in str(raised.value)


def test_nobody_without_secrets_is_believed() -> None:
    """An empty list must never mean anybody."""
    with pytest.raises(ValueError, match="at least one"):
        Secrets([])


def test_no_secret_is_printed() -> None:
    """A secret in a traceback is a secret no more."""
    assert SECRET[6:] not in repr(Secrets([SECRET]))


@given(st.binary(min_size=24, max_size=64), st.text(), st.text("abc-_", min_size=1))
def test_what_is_signed_verifies(key: bytes, text: str, id_: str) -> None:
    """For every secret, body and id there is."""
    secrets = Secrets(["whsec_" + base64.b64encode(key).decode()])
    body = text.encode(errors="replace")
    header = secrets.sign(body, id_=id_, at=AT)

    assert secrets.signed(body, id_=id_, at=AT, signatures=header)


@pytest.mark.parametrize("header", ["v1,\udcff", "v1,é", f"{GOOD}\udcff"])
def test_a_header_of_any_bytes_is_no_signature(header: str) -> None:
    """Servers hand bytes that are no ASCII on as lone surrogates; that is a stranger, no defect."""
    assert not signed(header)
    assert not Secrets([SECRET]).signed(BODY, id_="\udcff", at=AT, signatures=GOOD)
