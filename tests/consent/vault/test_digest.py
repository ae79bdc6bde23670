"""SM3 against the published examples."""

import re
from pathlib import Path

from consent.vault.digest import sm3_hex

_EXAMPLE = re.compile(r"Len = (\d+)\nMsg = ([0-9a-f]+)\nMD = ([0-9a-f]{64})")


def test_sm3_agrees_with_the_published_examples(shared: Path) -> None:
    """CCRC compares the digest of our password with its own, so one wrong bit locks us out."""
    examples = _EXAMPLE.findall((shared / "vectors" / "sm" / "sm3-oscca.txt").read_text())

    assert len(examples) > 5
    for bits, message, digest in examples:
        assert sm3_hex(bytes.fromhex(message)[: int(bits) // 8]) == digest
