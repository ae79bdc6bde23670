"""Which signature a member has agreed with CCRC, and the keys for it, from configuration.

The member's own key signs every request; CCRC's certificate, which the member installs, is held
against every answer. In production the keys are in a signing device: then `Pboc` is built with
a `MessageSigner` and a `MessageVerifier` that talk to it.
"""

from pathlib import Path
from typing import Literal, TypeAlias

from connectors.sources.pboc.frame import MessageSigner, MessageVerifier
from consent.errors import ConfigError
from consent.vault import detached

Scheme: TypeAlias = Literal["none", "rsa", "ecdsa", "sm2"]


def keys(
    place: str, scheme: Scheme, signing_key: Path | None, verifying_key: Path | None
) -> tuple[MessageSigner | None, MessageVerifier | None]:
    """What signs and what verifies; `place` names the options in a ConfigError.

    A key that would stay unused, or a scheme without any key, is a slip that must not pass:
    the operator believes in a protection that is not there.
    """
    if scheme == "none":
        if signing_key or verifying_key:
            raise ConfigError(
                f"{place}.signature: none, but there are keys; choose rsa, ecdsa or sm2"
            )
        return None, None
    if signing_key is None and verifying_key is None:
        raise ConfigError(f"{place}: {scheme} needs signing_key, verifying_key or both")
    signer = None if signing_key is None else detached.load_signer(scheme, signing_key)
    verifier = None if verifying_key is None else detached.load_verifier(scheme, verifying_key)
    return signer, verifier
