"""consent.vault.suites: the ciphers are the ones their numbers say."""

import json
from pathlib import Path
from typing import Any

import pytest

from consent.errors import VaultError
from consent.vault.suites import KEY_BYTES, NONCE_BYTES, Suite, aead, derive, unseal

WYCHEPROOF = {
    Suite.AES_256_GCM: "aes_gcm_test.json",
    Suite.AES_256_GCM_SIV: "aes_gcm_siv_test.json",
}


def cases(shared: Path, suite: Suite) -> list[dict[str, Any]]:
    """Those with our key and nonce lengths; the suites use no others."""
    groups = json.loads((shared / "vectors/wycheproof" / WYCHEPROOF[suite]).read_text())[
        "testGroups"
    ]
    return [
        test
        for group in groups
        if (group["keySize"], group["ivSize"]) == (KEY_BYTES * 8, NONCE_BYTES * 8)
        for test in group["tests"]
    ]


@pytest.mark.parametrize(
    ("suite", "valid", "invalid"), [(Suite.AES_256_GCM, 39, 27), (Suite.AES_256_GCM_SIV, 69, 34)]
)
def test_wycheproof_vectors_pass(shared: Path, suite: Suite, valid: int, invalid: int) -> None:
    """Each valid case seals to the published bytes, each invalid one does not open."""
    results = []
    for case in cases(shared, suite):
        cipher = aead(suite, bytes.fromhex(case["key"]))
        nonce, aad = bytes.fromhex(case["iv"]), bytes.fromhex(case["aad"])
        message, sealed = bytes.fromhex(case["msg"]), bytes.fromhex(case["ct"] + case["tag"])
        if case["result"] == "valid":
            assert cipher.encrypt(nonce, message, aad) == sealed, case["tcId"]
            assert unseal(cipher, nonce, sealed, aad) == message, case["tcId"]
        else:
            with pytest.raises(VaultError):
                unseal(cipher, nonce, sealed, aad)
        results.append(case["result"])

    assert (results.count("valid"), results.count("invalid")) == (valid, invalid)


@pytest.mark.parametrize("suite", Suite)
@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(suite: Suite, size: int) -> None:
    """AES would quietly take 128 bits, which is not what the suite number promises."""
    with pytest.raises(VaultError, match="32 bytes"):
        aead(suite, bytes(size))


def test_derived_keys_are_hkdf_expand() -> None:
    """Pinned to RFC 5869 appendix A.1 (PRK and info given there; its first 32 bytes of OKM)."""
    prk = bytes.fromhex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5")
    okm = derive(prk, bytes.fromhex("f0f1f2f3f4f5f6f7f8f9"))

    assert okm.hex() == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
