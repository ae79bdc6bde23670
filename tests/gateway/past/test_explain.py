"""gateway.past.explain: a person can see why a value is what it is, and what speaks against it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from io import StringIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from rich.console import Console

from connectors.records import (
    Annotation,
    InquiryKind,
    PublicRecord,
)
from gateway.cli import explain_page, page
from gateway.merge import merge
from gateway.past import explain as explaining
from gateway.past.explain import UnknownPath
from gateway.past.pointing import escaped
from gateway.past.said import Sayings
from gateway.past.witness import Explanation
from gateway.profile import to_sections
from gateway.profile.rule_names import (
    JUDGED,
    MOVED_DEBT,
    NAMED,
    ONE_APPLICATION,
    ONE_CASE,
    SAME_LOAN,
    UNION,
    WORDS,
)
from tests.gateway.past.explained import (
    DISPUTE,
    LOAN,
    NEWER,
    OLDER,
    ORIGINAL,
    PROFILE,
    SAYINGS,
    WORDS_OF_THE_SUBJECT,
    case,
    conclusions,
    gone,
    places,
    plain,
    text,
    why,
)
from tests.gateway.reports import (
    AT,
    CONFIG,
    SUBJECT,
    card,
    day,
    heard,
    inquiry,
    merged,
    pulled,
)


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


@pytest.mark.parametrize("id_", ["a/b", "a~b", "a~1b", "~01", "~/"])
def test_an_id_with_signs_of_a_pointer_is_found(id_: str) -> None:
    """RFC 6901 section 4: `~1` is read before `~0`, or `~01` would be a slash."""
    conflict = {"scopes": ["tradelines"], "item": id_, "field": "status"}
    profile: dict[str, Any] = {
        "tradelines": {
            "lines": [{"id": one, "records": [], "status": None} for one in ("other", id_)]
        },
        "conflicts": {"conflicts": [conflict]},
    }
    found = why("/conflicts/conflicts/0", profile).details["path"]

    assert found == f"/tradelines/lines/{escaped(id_)}/status"
    assert why(found.removesuffix("/status"), profile).path == "/tradelines/lines/1"


def test_an_inquiry_shows_what_makes_it_one() -> None:
    """The lender asked two bureaus: one dates it by its month, the other by a day of it."""
    told = [
        heard("pboc", inquiry(on=day("2026-03"), kind=InquiryKind.CARD_APPLICATION)),
        heard("baihang", inquiry("baihang", reason="01")),
    ]
    found = why(
        "/inquiries/inquiries/0", to_sections(merged(*told)), Sayings(told, identified=False)
    )

    assert (found.kind, found.value["on"]) == ("inquiry", "2026-03-10")
    assert "by a day of that month" in found.words
    assert [(o.source, o.says["on"], o.says["kind"], o.says["reason"]) for o in found.evidence] == [
        ("baihang", "2026-03-10", "loan_application", "01"),
        ("pboc", "2026-03", "card_application", "02"),
    ]


def test_an_inquiry_is_explained_without_the_answers() -> None:
    """The rule and the records stand in the profile; what each tells does not."""
    found = why("/inquiries/inquiries/0", told=gone)

    assert found.words
    assert [one.says for one in found.evidence] == [None, None]


def test_a_definition_explains_an_attribute() -> None:
    """The formula in words, its inputs, and the records it was computed from."""
    name = PROFILE["attributes"]["values"][0]["name"]
    meaning = {"formula": "in words", "inputs": ["tradelines.status"]}

    found = explaining.explain(
        PROFILE, f"/attributes/values/{name}", told=SAYINGS, definitions={name: meaning}
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
        ("/identity/spouse_name", "/identity/spouse_name"),
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
        f"/tradelines/lines/{len(PROFILE['tradelines']['lines'])}",
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


def test_every_conclusion_of_a_profile_can_be_explained() -> None:
    """Promise 4: every value has its evidence, and nobody has to read JSON to see it."""
    found = list(conclusions(PROFILE))

    assert len(found) > 20
    for pointer in found:
        explained = why(pointer)
        assert explained.path == pointer
        assert explained.evidence
        assert explained.words == WORDS[explained.rule or ""]


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=30), st.sampled_from(list(places(PROFILE)))))
def test_any_pointer_is_answered_or_told_the_nearest(pointer: str) -> None:
    """No text a caller sends is a crash."""
    try:
        told: object = why(pointer).words
    except UnknownPath as unknown:
        told = unknown.nearest
    assert told


# -- statements, relations, disputes --------------------------------------------------------------


def test_a_case_shows_who_says_otherwise() -> None:
    """The newest word stands; whoever says `running` is not made to say `ended`."""
    found = why("/public_records/records/0")

    assert (found.rule, found.words) == (ONE_CASE, WORDS[ONE_CASE])
    assert [(o.source, o.against, o.says["status"], o.disputed) for o in found.evidence] == [
        ("baihang", False, "ended", False),
        ("telecom", True, "running", False),
        ("pboc", True, "running", True),
    ]
    for one in found.evidence:
        assert one.says == plain(ORIGINAL[text(one)], PublicRecord)
    assert found.details["annotations"] == [
        {**plain(DISPUTE, Annotation), "records": ["pboc/R-pboc/E1"]}
    ]
    assert why("/public_records/records/0/record/outcome") == found
    days = [one.says["as_of"] for one in why("/public_records/records/0", told=gone).evidence]
    assert days == [found.value["as_of"], "2026-01-02", "2026-01-01"]


def test_records_that_say_the_same_keep_their_own_origin() -> None:
    """One record stands for all that say the very same, and each has its own id and day."""
    told = [heard("pboc", case("pboc")), heard("telecom", case("telecom", as_of=date(2026, 1, 2)))]
    profile = to_sections(merge(told, SUBJECT, CONFIG, at=AT, jurisdiction="CN"))
    found = why("/public_records/records/0", profile, Sayings(told, identified=True))

    assert found.rule is None
    assert [(one.source, one.says["source"], one.says["as_of"]) for one in found.evidence] == [
        ("pboc", "pboc", "2026-03-17"), ("telecom", "telecom", "2026-01-02"),
    ]  # fmt: skip


def rules_in(node: Any) -> Iterator[str]:
    """Every rule a document names."""
    if isinstance(node, dict):
        if isinstance(node.get("rule"), str):
            yield node["rule"]
        for one in node.values():
            yield from rules_in(one)
    if isinstance(node, list):
        for one in node:
            yield from rules_in(one)


def test_every_rule_a_profile_names_has_words() -> None:
    """A rule without words is a rule nobody can object to. Of `withheld` the rules are laws."""
    named = {
        rule for name, body in PROFILE.items() if name != "withheld" for rule in rules_in(body)
    }

    assert named <= WORDS.keys()
    assert named >= {JUDGED, MOVED_DEBT, NAMED, ONE_APPLICATION, ONE_CASE, SAME_LOAN, UNION}


def test_everything_that_has_a_rule_can_be_explained() -> None:
    """Links, matches, doubts, cases, inquiries: whatever names a rule answers for it."""
    explained = 0
    for path in places({n: b for n, b in PROFILE.items() if n != "withheld"}):
        if path.endswith("/rule"):
            found = why(path)
            assert found.path == path.removesuffix("/rule")
            assert found.rule in WORDS
            assert found.evidence or found.kind == "source"
            explained += 1
    assert explained > 60


@pytest.mark.parametrize(
    ("part", "kind", "rule"),
    [
        ("links", "link", MOVED_DEBT),
        ("matches", "match", SAME_LOAN),
        ("doubts", "doubt", SAME_LOAN),
    ],
)
def test_a_relation_names_both_its_sides(part: str, kind: str, rule: str) -> None:
    """Why two records are one account, might be, or are two with one debt."""
    path = next(p for p in places(PROFILE) if p.endswith(f"/{part}/0"))
    found = why(path)

    assert (found.kind, found.rule) == (kind, rule)
    assert ("score" in found.details) == (kind == "link")
    assert len(found.evidence) == 2
    assert ("left apart" in found.words) == (kind == "doubt")


def test_a_reason_rests_on_what_it_names() -> None:
    """By its code as by its place; with its threshold, who furnished it, and what is disputed."""
    reasons = PROFILE["reasons"]["reasons"]
    assert reasons
    for place, reason in enumerate(reasons):
        found = why(f"/reasons/reasons/{reason['code']}")
        assert found == why(f"/reasons/reasons/{place}")
        assert (found.kind, found.words) == ("reason", reason["en"])
        assert [text(one) for one in found.evidence] == reason["basis"]
        for part in ("sources", "threshold"):
            assert found.details.get(part) == reason.get(part)
        disputed = {text(one) for one in found.evidence if one.disputed}
        assert disputed == set(reason.get("disputed", ()))


def test_a_reason_tells_the_unit_of_its_number() -> None:
    """7000 is 70 %, days or yuan: its attribute knows."""
    cause = next(one["cause"] for one in PROFILE["reasons"]["reasons"] if "value" in one)
    for reason in PROFILE["reasons"]["reasons"]:
        found = explaining.explain(
            PROFILE, f"/reasons/reasons/{reason['code']}", told=SAYINGS,
            definitions={cause: {"unit": "days"}},
        )  # fmt: skip

        assert found.details.get("unit") == ("days" if reason["cause"] == cause else None)


def test_a_disputed_balance_says_so() -> None:
    """征信业管理条例 art. 25: the mark and the statement go wherever the record goes."""
    found = why(f"/tradelines/lines/{LOAN}/balance")

    assert [(one.source, one.disputed) for one in found.evidence] == [
        ("pboc", True), ("baihang", False),
    ]  # fmt: skip
    assert [(n["kind"], n["text"], n["records"]) for n in found.details["annotations"]] == [
        ("dispute", None, ["pboc/R-pboc/A1"]),
        ("subject_statement", WORDS_OF_THE_SUBJECT, ["pboc/R-pboc/A1"]),
    ]
    assert why(f"/tradelines/lines/{LOAN}").details["annotations"]
    refs = [why(f"/tradelines/lines/{LOAN}/account_refs/{place}") for place in (0, 1)]
    assert [(ref.value, bool(ref.details)) for ref in refs] == [
        ("pboc-A1", True), ("baihang-A1", False),
    ]  # fmt: skip


def test_a_dispute_of_who_says_otherwise_is_told() -> None:
    """Whoever weighs the older word must know that the subject disputes it."""
    told = [
        heard("pboc", replace(NEWER, annotations=())),
        heard("baihang", replace(OLDER, annotations=(DISPUTE,))),
    ]
    found = why("/tradelines/lines/0/balance", to_sections(merged(*told)))

    assert [(one.source, one.against, one.disputed) for one in found.evidence] == [
        ("pboc", False, False), ("baihang", True, True),
    ]  # fmt: skip
    assert [note["records"] for note in found.details["annotations"]] == [["baihang/R-baihang/A1"]]


def test_a_number_over_a_disputed_record_says_so() -> None:
    """Attributes and signals too, down to the record."""
    found = why("/attributes/values/overdue_accounts_now")

    assert {text(one) for one in found.evidence if one.disputed} == {"pboc/R-pboc/C1"}


def test_a_dispute_is_printed() -> None:
    """Beside the account on the page of a profile, beside the record where it is explained."""
    head = {"snapshot": {"id": "s", "at": "2026-03-17T04:00:00Z"}}
    found = TypeAdapter(Explanation).dump_python(
        why(f"/tradelines/lines/{LOAN}/balance"), mode="json"
    )
    explained, drawn = StringIO(), StringIO()
    explain_page.draw(Console(file=explained, width=160), {**head, "explanation": found})
    reply = {
        **head, "subject": "s", "purpose": "p", "consent": {"id": "c"}, "scopes": [],
        "profile": {"tradelines": PROFILE["tradelines"]},
    }  # fmt: skip
    page.draw(Console(file=drawn, width=160), reply)

    assert "for (disputed)" in explained.getvalue()
    assert "against (disputed)" not in explained.getvalue()
    assert f"subject_statement on pboc/R-pboc/A1: {WORDS_OF_THE_SUBJECT}" in explained.getvalue()
    disputed = sum("disputed" in line for line in PROFILE["tradelines"]["lines"])
    assert drawn.getvalue().count("(disputed)") == disputed > 0


def test_a_conflict_says_where_the_values_stand() -> None:
    """Who sees that sources contradict each other follows the path and sees how."""
    found = PROFILE["conflicts"]["conflicts"]

    assert {bool(one["item"]) for one in found} == {True, False}
    for place in range(len(found)):
        conflict = why(f"/conflicts/conflicts/{place}")
        there = why(conflict.details["path"])
        assert conflict.value in there.path
        assert {one.against for one in there.evidence} == {True, False}


def test_issues_and_what_is_withheld_are_explained_by_count() -> None:
    """How many and under which rule; there is no evidence, since none is kept."""
    withheld = {"source": "pboc", "rule": "cn_adverse/2", "article": "art. 16", "records": 3}
    profile = {**PROFILE, "withheld": {"records": [withheld]}}
    issue = {"source": "pboc", "kind": "unknown_code", "where": "PD01", "what": "9Z", "count": 2}
    profile["issues"] = {"issues": [issue]}
    found, gone = (why(path, profile) for path in ("/issues/issues/0", "/withheld/records/pboc"))

    assert (found.value, found.rule) == (issue["count"], issue["kind"])
    assert found.details == {name: issue[name] for name in ("source", "where", "what")}
    assert (gone.value, gone.rule) == (3, "cn_adverse/2")
    assert gone.details == {"source": "pboc", "article": "art. 16"}
    assert found.evidence == gone.evidence == ()


def test_a_place_no_list_reaches_is_a_wrong_path() -> None:
    """However long the number: Python has an error of its own for thousands of digits."""
    with pytest.raises(UnknownPath):
        why(f"/tradelines/lines/{'9' * 5000}")
