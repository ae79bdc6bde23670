"""gateway.past.explain: a person can see why a value is what it is, and what speaks against it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from io import StringIO
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from rich.console import Console

from connectors.money import Month
from connectors.records import (
    AccountKind,
    AccountStatus,
    Annotation,
    InquiryKind,
    PaymentStatus,
    PublicRecord,
    Record,
)
from consent import canonical
from gateway.cli import explain_page, page
from gateway.merge import merge
from gateway.past import explain as explaining
from gateway.past.explain import UnknownPath
from gateway.past.pointing import escaped
from gateway.past.said import Sayings
from gateway.past.witness import Explanation, Lookup, Told, Witness
from gateway.profile import to_sections
from gateway.profile.concluded import Evidence
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
from gateway.resolve.judged import Judgements, Whose, account_name, pair
from gateway.sections import without_identities
from tests.gateway.reports import (
    AT,
    CONFIG,
    SUBJECT,
    TODAY,
    card,
    cny,
    day,
    grid,
    heard,
    inquiry,
    loan,
    merged,
    metric,
    phone,
    pulled,
    who,
)

WORDS_OF_THE_SUBJECT = "本人声明此笔有误"
DISPUTE = Annotation(kind="dispute", text=None, added=None)
STATEMENT = Annotation(kind="subject_statement", text=WORDS_OF_THE_SUBJECT, added=None)


def case(source: str, **facts: Any) -> PublicRecord:
    """An enforcement of 8,000 yuan, unless `facts` say otherwise."""
    known: dict[str, Any] = {
        "as_of": TODAY,
        "kind": "enforcement",
        "authority": "示例市星河区人民法院",
        "subject_matter": None,
        "amount": cny(8_000),
        "filed": day("2025-06-03"),
        "ended": None,
        "status": "running",
    }
    return PublicRecord(source=source, record_id="E1", **{**known, **facts})


NEWER = loan(
    "pboc",
    balance=cny(6_000),
    as_of=date(2026, 2, 28),
    grid=grid("1NNNNN"),
    annotations=(DISPUTE, STATEMENT),
)
OLDER = loan(
    "baihang", balance=cny(6_500), as_of=date(2026, 1, 31), grid=grid("N2NN", Month(2026, 1))
)
TWINS = [
    loan(source, name, original_amount=cny(7_700), opened=day("2024-04-04"))
    for source in ("pboc", "baihang")
    for name in ("T1", "T2")
]
ONE, OTHER = (
    loan(source, "J1", original_amount=cny(amount), opened=day(opened), grid=())
    for source, amount, opened in (("pboc", 3_300, "2023-01-09"), ("baihang", 4_400, "2023-08-09"))
)
SOLD = loan(
    "pboc", "S1", status=AccountStatus.CHARGED_OFF, original_amount=cny(9_000),
    balance=cny(8_000), grid=grid("BBBB7"),
)  # fmt: skip
COLLECTED = loan(
    "pboc", "S2", kind=AccountKind.COLLECTION, status=AccountStatus.IN_COLLECTION, lender="BI",
    product="asset_disposal", opened=day("2025-11-18"), original_amount=cny(8_000),
    balance=cny(8_000), matures=None, terms=None, grid=(),
)  # fmt: skip
CASES = [
    case("pboc", as_of=date(2026, 1, 1), annotations=(DISPUTE,)),
    case("telecom", as_of=date(2026, 1, 2)),
    case("baihang", status="ended", ended=day("2026-02-01")),
]
RECORDS: list[Record] = [
    NEWER, OLDER, *TWINS, ONE, OTHER, SOLD, COLLECTED, *CASES,
    card(status=AccountStatus.OVERDUE, past_due=cny(900), annotations=(DISPUTE,)),
    inquiry(), inquiry("baihang", kind=InquiryKind.CARD_APPLICATION, reason="03"),
    metric("baihang", "n", 3),
    who("pboc", email="one@example.cn"), who("baihang", name="甲云", email="two@example.cn"),
    phone("13800000001"), phone("13800000001", "baihang"), phone("13800000002", "baihang"),
]  # fmt: skip
HEARD = [
    heard(source, *(one for one in RECORDS if one.source == source))
    for source in ("baihang", "pboc", "telecom")
]
NAMED_ACCOUNTS = [account_name(one) for one in (ONE, OTHER)]
JUDGEMENTS = Judgements(
    same=(pair(*filter(None, NAMED_ACCOUNTS)),),
    reports=tuple(Whose(one.line.source, f"R-{one.line.source}", True) for one in HEARD),
)
PROFILE = to_sections(
    merge(HEARD, SUBJECT, CONFIG, at=AT, jurisdiction="CN", judgements=JUDGEMENTS)
)
SAYINGS = Sayings(HEARD, identified=True)
NAMES: dict[str, dict[str, Any]] = {one["name"]: {} for one in PROFILE["attributes"]["values"]}
LOAN = next(
    place for place, line in enumerate(PROFILE["tradelines"]["lines"])
    if "pboc/R-pboc/A1" in line["records"]
)  # fmt: skip


def why(path: str, profile: Mapping[str, Any] = PROFILE, told: Lookup = SAYINGS) -> Explanation:
    return explaining.explain(profile, path, told=told, definitions=NAMES)


def gone(_: str) -> Told | None:
    """The stored answers were deleted."""
    return None


def text(one: Witness) -> str:
    """The evidence a witness is."""
    return str(Evidence(one.source, one.report, one.record))


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


def test_each_record_says_what_an_attribute_looks_at() -> None:
    """Why a sum is what it is: the balance each record behind it states, and no month of a grid."""
    inputs = [
        "tradelines.status",
        "tradelines.balance",
        "tradelines.grid",
        "tradelines.annotations",
    ]
    meaning = {"total_balance_cny": {"formula": "in words", "inputs": inputs}}

    def found(told: Lookup) -> dict[str, Any]:
        why = explaining.explain(
            PROFILE, "/attributes/values/total_balance_cny", told=told, definitions=meaning
        )
        return {text(one): one.says for one in why.evidence}

    assert found(SAYINGS)["pboc/R-pboc/C1"] == {
        "status": "overdue", "balance": {"minor": 1_000_000, "currency": "CNY"},
    }  # fmt: skip
    assert set(found(gone).values()) == {None}
    assert "is not kept" in why("/attributes/values/total_balance_cny", told=gone).words


def test_an_inquiry_says_what_an_attribute_looks_at() -> None:
    """Inputs are named as a profile names them, whatever a record calls its lender's type."""
    name = "consumer_finance_inquiries_90d"
    fields = ["on", "kind", "institution", "lender_type"]
    asked = explaining.explain(
        PROFILE,
        f"/attributes/values/{name}",
        told=SAYINGS,
        definitions={name: {"inputs": [f"inquiries.{one}" for one in fields]}},
    )

    assert [sorted(one.says) for one in asked.evidence] == [sorted(fields)] * 2
    assert {one.says["lender_type"] for one in asked.evidence} == {"consumer_finance"}


def test_an_attribute_quotes_no_figures_the_law_took_away() -> None:
    """The stored answer of 2019 still calls it late; the profile may not, and so nothing may."""
    late = loan(
        "baihang", opened=day("2018-01-05"), as_of=date(2019, 1, 31), grid=(),
        status=AccountStatus.OVERDUE, payment_status=PaymentStatus.DPD_61_90, balance=cny(7_000),
    )  # fmt: skip
    told = [
        heard("baihang", late),
        heard("pboc", loan(opened=day("2018-01-05"), grid=grid("N" * 85))),
    ]
    profile = to_sections(merged(*told))
    inputs = [f"tradelines.{one}" for one in ("status", "payment_status", "balance")]

    found = explaining.explain(
        profile,
        "/attributes/values/open_tradelines",
        told=Sayings(told, identified=True),
        definitions={"open_tradelines": {"inputs": inputs}},
    )

    said = {one.source: sorted(one.says) for one in found.evidence}
    assert said == {"baihang": ["balance"], "pboc": ["balance", "status"]}
    assert "dpd_61_90" not in str(found)


def test_a_status_the_law_took_away_is_quoted_nowhere() -> None:
    """Nobody else tells one that can be read: the record stands for unknown, and says no more."""
    late = loan(
        "baihang", opened=day("2018-01-05"), as_of=date(2019, 1, 31), grid=(),
        status=AccountStatus.OVERDUE,
    )  # fmt: skip
    unread = loan(opened=day("2018-01-05"), status=AccountStatus.UNKNOWN, grid=grid("N" * 85))
    told = [heard("baihang", late), heard("pboc", unread)]
    profile, sayings = to_sections(merged(*told)), Sayings(told, identified=True)

    status = why("/tradelines/lines/0/status", profile, sayings)
    counted = explaining.explain(
        profile,
        "/attributes/values/open_tradelines",
        told=sayings,
        definitions={"open_tradelines": {"inputs": ["tradelines.status"]}},
    )

    assert [(one.source, one.says) for one in status.evidence] == [
        ("pboc", "unknown"), ("baihang", "unknown"),
    ]  # fmt: skip
    assert [one.says for one in counted.evidence] == [{"status": "unknown"}] * 2


def test_who_sees_no_account_is_told_of_none() -> None:
    """An attribute alone, as a scoring view shows it, quotes nobody."""
    found = explaining.explain(
        {"attributes": PROFILE["attributes"]},
        "/attributes/values/total_balance_cny",
        told=SAYINGS,
        definitions={"total_balance_cny": {"inputs": ["tradelines.balance"]}},
    )

    assert found.evidence
    assert {one.says for one in found.evidence} == {None}


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


def test_a_month_against_stands_with_its_month() -> None:
    """Of a grid only the months that are told otherwise speak against it."""
    some = heard("baihang", loan("baihang", grid=grid("NNN")))
    records = [heard("pboc", loan("pboc", grid=grid("1NN"))), some]
    profile = to_sections(merge(records, SUBJECT, CONFIG, at=AT, jurisdiction="CN"))
    found = why("/tradelines/lines/0/grid", profile, Sayings(records, identified=True)).evidence

    (against,) = [one for one in found if one.against]
    assert [month["month"] for month in against.says["months"]] == ["2026-02"]


def test_a_month_of_another_amount_is_against_and_not_for() -> None:
    """Both call it late and differ in how much: the lesser word must not stand on both sides."""

    def late(source: str, yuan: int) -> Any:
        month, *rest = grid("1NN")
        return heard(source, loan(source, grid=(replace(month, overdue=cny(yuan)), *rest)))

    records = [late("pboc", 100), late("baihang", 250)]
    profile = to_sections(merge(records, SUBJECT, CONFIG, at=AT, jurisdiction="CN"))
    found = why("/tradelines/lines/0/grid", profile, Sayings(records, identified=True)).evidence
    months = {
        (one.source, one.against): [month["month"] for month in one.says["months"]] for one in found
    }

    assert months == {
        ("pboc", False): ["2026-02", "2026-01", "2025-12"],
        ("baihang", False): ["2026-01", "2025-12"],
        ("baihang", True): ["2026-02"],
    }


# -- nobody is made to say what somebody else says ----------------------------------------------


ORIGINAL = {
    str(Evidence(report.source, report.report_id, record.record_id)): record
    for report in (one.report for one in HEARD)
    if report is not None
    for record in report.records
}
_UNLIKE = {"account_refs": "account_ref", "agreement_refs": "agreement_ref", "phones": "number"}


def plain(value: Any, kind: Any) -> Any:
    return TypeAdapter(kind).dump_python(value, mode="json")


def own(evidence: str, path: str) -> Any:
    """What a record itself has in the field a path leads to, read without what is tested."""
    record = plain(ORIGINAL[evidence], type(ORIGINAL[evidence]))
    *_, before, last = path.split("/")
    name = before if last.isdigit() else last
    return record[_UNLIKE.get(name, name)]


def test_each_record_says_what_it_says_itself() -> None:
    """Promise 4 is no promise when a source is quoted with a word that is ours."""
    compared = 0
    for path in conclusions(PROFILE):
        found = why(path)
        if path.endswith("/grid"):
            continue
        for one in found.evidence:
            said = own(text(one), path)
            assert one.says in (said if isinstance(said, list) else [said]), (path, one)
            assert one.says is not None
            compared += 1

    assert compared > 60


def test_the_months_of_a_grid_are_each_records_own() -> None:
    """For and against together are what the record tells: nobody stands for a month twice."""
    for path in conclusions(PROFILE):
        if not path.endswith("/grid"):
            continue
        found = why(path)
        merged = {month["month"]: month["status"] for month in found.value["months"]}
        for evidence in {text(one) for one in found.evidence}:
            mine = [one for one in found.evidence if text(one) == evidence]
            months = [month for one in mine for month in one.says["months"]]
            assert sorted(months, key=str) == sorted(own(evidence, path), key=str)
            for one in mine:
                assert all(
                    (merged[m["month"]] != m["status"]) == one.against for m in one.says["months"]
                )

    told = [(o.source, o.against, len(o.says["months"])) for o in grid_of_loan().evidence]
    assert told == [("pboc", False, 5), ("baihang", False, 4), ("pboc", True, 1)]


def grid_of_loan() -> Explanation:
    return why(f"/tradelines/lines/{LOAN}/grid")


def test_a_month_the_law_took_away_is_in_no_records_mouth() -> None:
    """The stored answer still has it; what nobody may be shown is in no merged grid."""
    profile = orjson.loads(canonical.encode(PROFILE))
    found = profile["tradelines"]["lines"][LOAN]["grid"]
    found["value"]["months"] = found["value"]["months"][:2]
    kept = {month["month"] for month in found["value"]["months"]}

    said = why(f"/tradelines/lines/{LOAN}/grid", profile).evidence
    shown = {month["month"] for one in said if not one.against for month in one.says["months"]}
    assert shown <= kept


def test_a_lender_is_called_what_each_source_calls_it() -> None:
    """One says a code, the other an alias; the full name is our directory's."""
    found = why(f"/tradelines/lines/{LOAN}/lender")

    assert [(one.source, one.says) for one in found.evidence] == [
        ("pboc", "AN"), ("baihang", "示例晴川消金"),
    ]  # fmt: skip
    assert found.value not in {one.says for one in found.evidence}


def test_without_the_answers_nobody_says_what_is_not_known() -> None:
    """What stands against a value is in the profile; what stands for it was in the answers."""
    for path in conclusions(PROFILE):
        for one in why(path, told=gone).evidence:
            assert (one.says is None) == (not one.against)
            assert one.as_of is None


def test_a_nameless_client_is_told_what_is_masked() -> None:
    """What a record says goes through the masks the value went through."""
    sections = {name: canonical.encode(body) for name, body in PROFILE.items()}
    masked = {name: orjson.loads(body) for name, body in without_identities(sections).items()}
    sayings = Sayings(HEARD, identified=False)
    secrets = (SUBJECT.name, SUBJECT.id_number, "13800000001", "one@", WORDS_OF_THE_SUBJECT)
    compared = 0
    for path in conclusions(masked):
        found = why(path, masked, sayings)
        said = str([found.value, found.details, *(one.says for one in found.evidence)])
        assert not any(secret in said for secret in secrets), path
        if path.startswith("/identity"):
            compared += len(found.evidence)
            assert all(one.says is not None for one in found.evidence), path
    assert compared


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
