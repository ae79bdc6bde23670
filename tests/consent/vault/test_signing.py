"""consent.vault.signing: a signature says who, what and as what."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import OctKey, OKPKey

from consent import canonical
from consent.errors import VaultError
from consent.vault.signing import PublicKey, Signer, verify_jws

SIGNER, OTHER = Signer(bytes(range(32))), Signer(bytes(32))
RECEIPT = canonical.encode({"schema": "creditgate.consent/1", "text": "授权"})
TYP = "creditgate-receipt+jws"
PINNED_RECEIPT = (
    "eyJhbGciOiJFZERTQSIsImtpZCI6IjFJRzJ0TUg3SjJ3Ykpabk9mOExKelFpdEtmN0xNdm9BRWxzdURNVk01"
    "NFkiLCJ0eXAiOiJjcmVkaXRnYXRlLXJlY2VpcHQrandzIn0.eyJzY2hlbWEiOiJjcmVkaXRnYXRlLmNvbnNl"
    "bnQvMSIsInRleHQiOiLmjojmnYMifQ.eE3WNbtZFIV06rAKUUy-LFQxzsn_wMUZgdTREs6rOgAf-psCfIwF9"
    "PjHulspcdj-95z40aXjRzyktfMVgGsbDQ"
)


def test_ed25519_is_the_one_of_rfc_8032() -> None:
    """Section 7.1, test 2: seed, message and signature as printed there."""
    seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
    public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    signature = (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    signer = Signer(bytes.fromhex(seed))

    assert signer.public.raw.hex() == public
    assert signer.sign(b"\x72").hex() == signature


def test_wycheproof_signatures_verify_as_published(shared: Path) -> None:
    """Malleable and truncated signatures among them: all are judged as the authors did."""
    groups = json.loads((shared / "vectors/wycheproof/ed25519_test.json").read_text())
    judged = 0
    for group in groups["testGroups"]:
        key = PublicKey(bytes.fromhex(group["publicKey"]["pk"]))
        for case in group["tests"]:
            fits = key.verify(bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
            assert fits is (case["result"] == "valid"), case["tcId"]
            judged += 1

    assert judged == groups["numberOfTests"]


def test_a_receipt_is_pinned() -> None:
    """Receipts are kept by subjects for years: if this moves, write an ADR."""
    token = SIGNER.sign_jws(RECEIPT, typ=TYP)
    header = {"alg": "EdDSA", "kid": SIGNER.key_id, "typ": TYP}

    assert json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "==")) == header
    assert token == PINNED_RECEIPT
    assert verify_jws(token, [OTHER.public, SIGNER.public], typ=TYP) == RECEIPT
    assert verify_jws(signed(GOOD), [SIGNER.public], typ=TYP) == RECEIPT


def test_a_receipt_verifies_with_its_published_key_alone() -> None:
    """Anyone with a JOSE library and our JWK can check it, without us."""
    key = OKPKey.import_key({**SIGNER.public.jwk()})
    token = SIGNER.sign_jws(RECEIPT, typ=TYP)
    with pytest.warns(SecurityWarning, match="RFC 9864"):
        found = jws.deserialize_compact(token, key, algorithms=["EdDSA"])

    assert found.payload == RECEIPT
    assert SIGNER.public.jwk() == {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg",
        "kid": SIGNER.key_id,
        "alg": "EdDSA",
        "use": "sig",
    }
    assert SIGNER.key_id == key.thumbprint()


@given(payload=st.binary(max_size=200))
def test_any_payload_comes_back_byte_for_byte(payload: bytes) -> None:
    """What was signed is what is read, not a re-encoding of it."""
    assert verify_jws(SIGNER.sign_jws(payload, typ=TYP), [SIGNER.public], typ=TYP) == payload


def signed(header: object) -> str:
    """A token with any header, rightly signed: only the header can be why it is refused."""
    text, body = (
        base64.urlsafe_b64encode(part).rstrip(b"=")
        for part in (json.dumps(header).encode(), RECEIPT)
    )
    signature = base64.urlsafe_b64encode(SIGNER.sign(text + b"." + body)).rstrip(b"=")
    return b".".join([text, body, signature]).decode()


GOOD = {"alg": "EdDSA", "kid": SIGNER.key_id, "typ": TYP}


@pytest.mark.parametrize(
    "token",
    [
        "",
        "..",
        "a.b.c",
        "é.é.é",
        SIGNER.sign_jws(RECEIPT, typ="another+jws"),
        Signer(bytes(range(1, 33))).sign_jws(RECEIPT, typ=TYP),
        SIGNER.sign_jws(RECEIPT, typ=TYP)[:-8],
        SIGNER.sign_jws(RECEIPT, typ=TYP).replace(".", "..", 1),
        signed({**GOOD, "alg": "none"}),
        signed({**GOOD, "alg": "HS256"}),
        signed({**GOOD, "alg": "Ed25519"}),
        signed({**GOOD, "kid": OTHER.key_id}),
        signed({**GOOD, "kid": None}),
        signed({**GOOD, "crit": ["exp"]}),
        signed({"alg": "EdDSA"}),
        signed("alg"),
        signed(["alg"]),
        signed(7),
        signed(None),
    ],
)
def test_no_other_token_is_accepted(token: str) -> None:
    """Neither another algorithm, key, kind nor shape; the answer never repeats the token."""
    with pytest.raises(VaultError) as caught:
        verify_jws(token, [SIGNER.public, OTHER.public], typ=TYP)

    assert caught.value.__cause__ is None
    assert not token or token not in str(caught.value)


def test_the_public_key_is_no_shared_secret() -> None:
    """The classic confusion: an HMAC keyed with the public key must not pass for a signature."""
    key = OctKey.import_key(SIGNER.public.raw)
    header = {"alg": "HS256", "kid": SIGNER.key_id, "typ": TYP}
    token = jws.serialize_compact(header, RECEIPT, key)

    with pytest.raises(VaultError):
        verify_jws(token, [SIGNER.public], typ=TYP)


def test_a_changed_payload_does_not_verify() -> None:
    """One bit anywhere in header, payload or signature."""
    head, body, signature = SIGNER.sign_jws(RECEIPT, typ=TYP).split(".")
    raw = bytearray(base64.urlsafe_b64decode(body + "=="))
    for at in range(len(raw)):
        changed = bytearray(raw)
        changed[at] ^= 1
        text = base64.urlsafe_b64encode(changed).decode().rstrip("=")
        with pytest.raises(VaultError, match="does not fit"):
            verify_jws(f"{head}.{text}.{signature}", [SIGNER.public], typ=TYP)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_keys_have_32_bytes(size: int) -> None:
    """Said in our words."""
    with pytest.raises(VaultError, match="32 bytes"):
        Signer(bytes(size))
    with pytest.raises(VaultError, match="32 bytes"):
        PublicKey(bytes(size))


def test_a_signer_keeps_quiet_in_logs() -> None:
    """It shows which key it is, not the key."""
    assert repr(SIGNER) == f"Signer({SIGNER.key_id})"
    assert repr(SIGNER.public) == f"PublicKey({SIGNER.key_id})"
    assert bytes(range(32)).hex() not in f"{SIGNER!r}{SIGNER!s}"
