"""gateway.past.explain: a person can see why a value is what it is, and what speaks against it."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.records import AccountStatus
from gateway.merge.facts import ONE_APPLICATION
from gateway.merge.grids import GRID_RULES
from gateway.merge.lines import NAMED
from gateway.merge.rules import RULES, UNION
from gateway.past import explain as explaining
from gateway.past.explain import Explanation, UnknownPath
from gateway.profile import to_sections
from tests.gateway.reports import card, cny, grid, inquiry, loan, metric, pulled

NEWER = loan("pboc", balance=cny(6_000), as_of=date(2026, 2, 28))
OLDER = loan("baihang", balance=cny(6_500), as_of=date(2026, 1, 31))
PROFILE = to_sections(
    pulled(NEWER, OLDER, card(status=AccountStatus.OVERDUE), inquiry(), metric("baihang", "n", 3))
)
DATED = {"pboc/R-pboc/A1": date(2026, 2, 28), "baihang/R-baihang/A1": date(2026, 1, 31)}
NAMES: dict[str, dict[str, Any]] = {one["name"]: {} for one in PROFILE["attributes"]["values"]}
LOAN = next(
    place
    for place, line in enumerate(PROFILE["tradelines"]["lines"])
    if line["kind"]["value"] == "instalment_loan"
)


def why(path: str, profile: Mapping[str, Any] = PROFILE) -> Explanation:
    return explaining.explain(profile, path, dated=DATED, definitions=NAMES)


def test_a_balance_names_who_said_it_and_who_said_otherwise() -> None:
    """The newest figure won; the older one stands beside it with its day and what it says."""
    found = why(f"/tradelines/lines/{LOAN}/balance")

    assert found.rule == "latest_then_rank/1"
    assert "newest date" in found.words
    told = [(one.source, one.against, one.as_of, one.says["minor"]) for one in found.evidence]
    assert told == [
        ("pboc", False, date(2026, 2, 28), 600_000),
        ("baihang", True, date(2026, 1, 31), 650_000),
    ]


def test_a_pointer_into_a_value_explains_the_value() -> None:
    """Whoever points at the number means the conclusion it stands in."""
    whole = why(f"/tradelines/lines/{LOAN}/balance")

    assert why(f"/tradelines/lines/{LOAN}/balance/value/minor") == whole
    assert why(f"/tradelines/lines/{LOAN}/balance/against/0") == whole


def test_items_are_named_by_place_or_by_id() -> None:
    """An id stays when the order of a list does not; slashes in it are escaped as RFC 6901 says."""
    line = PROFILE["tradelines"]["lines"][LOAN]
    token = line["id"].replace("~", "~0").replace("/", "~1")

    assert why(f"/tradelines/lines/{token}/status") == why(f"/tradelines/lines/{LOAN}/status")
    assert why("/attributes/values/hard_inquiries_30d").kind == "attribute"
    assert why("/sources/lines/pboc").value == "report"


def test_a_definition_explains_an_attribute() -> None:
    """The formula in words, its inputs, and the records it was computed from."""
    name = PROFILE["attributes"]["values"][0]["name"]
    meaning = {"formula": "in words", "inputs": ["tradelines.status"]}

    found = explaining.explain(
        PROFILE, f"/attributes/values/{name}", dated=DATED, definitions={name: meaning}
    )

    assert found.words == "in words"
    assert found.details["definition"] == meaning
    assert {one.source for one in found.evidence} <= {"pboc", "baihang"}


def test_a_signal_shows_what_it_looked_at() -> None:
    """Each number beside the one where it starts to count."""
    found = why("/signals/results/multi_lender_surge")

    assert found.value in {"fired", "quiet", "undecided"}
    assert any("threshold" in one for one in found.details["observed"])


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        (f"/tradelines/lines/{LOAN}/ballance", "/tradelines/lines/{id}/balance"),
        ("/signals/results/income", "/signals/results/income_drop"),
        ("/identity/name/nothing", "/identity/name/value"),
        ("/tradeline", "/tradelines"),
        ("/attributes/values/hard_inquiries_30", "/attributes/values/hard_inquiries_30d"),
        ("balance", "/identity"),
        ("/tradelines", "/tradelines/lines"),
    ],
)
def test_an_unknown_path_is_told_the_nearest(path: str, nearest: str) -> None:
    """The message says what would have been right."""
    with pytest.raises(UnknownPath) as unknown:
        why(path)

    assert nearest in unknown.value.nearest


@pytest.mark.parametrize(
    "path",
    [
        "/tradelines/lines/zzz",
        "/tradelines/lines",
        "/tradelines",
        "/identity/spouse_name",
        "/",
        "x",
    ],
)
def test_an_unknown_path_tells_nothing_of_the_subject(path: str) -> None:
    """An error is on record as a refusal, not as a look: it is the same for every profile."""
    told = []
    for profile in (PROFILE, to_sections(pulled(card("baihang", "B77"))), {}):
        with pytest.raises(UnknownPath) as unknown:
            why(path, profile)
        told.append(unknown.value.nearest)

    assert told[0] == told[1] == told[2]


def places(node: Any, path: str = "") -> Iterator[str]:
    """Every pointer into a document."""
    yield path
    items = (
        node.items() if isinstance(node, dict)
        else enumerate(node) if isinstance(node, list) else ()
    )  # fmt: skip
    for key, value in items:
        token = str(key).replace("~", "~0").replace("/", "~1")
        yield from places(value, f"{path}/{token}")


def conclusions(node: Any, path: str = "") -> Iterator[str]:
    """Every pointer to a value that has a rule and a basis."""
    for pointer in places(node, path):
        found = node
        for token in pointer.split("/")[1:]:
            key = token.replace("~1", "/").replace("~0", "~")
            found = found[int(key)] if isinstance(found, list) else found[key]
        if isinstance(found, dict) and {"rule", "basis", "value"} <= found.keys():
            yield pointer


def test_every_conclusion_of_a_profile_can_be_explained() -> None:
    """Promise 4: every value has its evidence, and nobody has to read JSON to see it."""
    found = list(conclusions(PROFILE))

    assert len(found) > 20
    for pointer in found:
        explained = why(pointer)
        assert explained.path == pointer
        assert explained.evidence
        assert explained.rule in explaining.RULES


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=30), st.sampled_from(list(places(PROFILE)))))
def test_any_pointer_is_answered_or_told_the_nearest(pointer: str) -> None:
    """No text a caller sends is a crash."""
    try:
        told: object = why(pointer).words
    except UnknownPath as unknown:
        told = unknown.nearest
    assert told


def test_every_rule_has_words() -> None:
    """A rule without words is a rule nobody can object to."""
    named = {*RULES, *GRID_RULES, UNION, NAMED, ONE_APPLICATION}

    assert named <= explaining.RULES.keys()


def test_a_month_against_stands_with_its_month() -> None:
    """Of a grid only the months that are told otherwise speak against it."""
    profile = to_sections(pulled(loan("pboc", grid=grid("1NN")), loan("baihang", grid=grid("NNN"))))

    (against,) = [one for one in why("/tradelines/lines/0/grid", profile).evidence if one.against]
    assert [month["month"] for month in against.says["months"]] == ["2026-02"]
