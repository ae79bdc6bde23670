"""gateway.resolve.person on hard cases: twins, Jr and Sr, spouses, shared and mistyped numbers."""

import pytest

from benchmarks.quality.lookalikes import OTHERS, SELF, cases
from connectors.sandbox.dice import seeded
from gateway.profile import Verdict
from gateway.resolve.person import judge
from tests.gateway.reports import CONFIG

RULES = CONFIG.person["CN"]
PEOPLE = 40


def verdicts(kind: str) -> list[Verdict]:
    """What is made of one report of this kind for each of so many people."""
    found = cases(kind, PEOPLE, seeded("lookalikes", kind))
    return [judge(subject, report, RULES).verdict for subject, report in found]


@pytest.mark.parametrize("kind", OTHERS)
def test_nobody_elses_report_is_merged(kind: str) -> None:
    """A wrong merge is somebody else's debt; not one is allowed."""
    assert Verdict.MATCH not in verdicts(kind)


@pytest.mark.parametrize("kind", SELF)
def test_the_subjects_own_report_is_never_a_mismatch(kind: str) -> None:
    """Who moved, married or was mistyped still has a file; where in doubt, a person may look."""
    found = verdicts(kind)

    assert Verdict.MISMATCH not in found
    assert found.count(Verdict.MATCH) >= PEOPLE * 9 // 10
