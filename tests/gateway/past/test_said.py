"""gateway.past.said: each record is quoted with its own words, and with none the law took away."""

from dataclasses import replace
from datetime import date
from typing import Any

import orjson

from connectors.records import (
    AccountStatus,
    PaymentStatus,
)
from consent import canonical
from gateway.merge import merge
from gateway.past import explain as explaining
from gateway.past.said import Sayings
from gateway.past.witness import Explanation, Lookup
from gateway.profile import to_sections
from gateway.sections import without_identities
from tests.gateway.past.explained import (
    HEARD,
    LOAN,
    ORIGINAL,
    PROFILE,
    SAYINGS,
    WORDS_OF_THE_SUBJECT,
    conclusions,
    gone,
    plain,
    text,
    why,
)
from tests.gateway.reports import (
    AT,
    CONFIG,
    SUBJECT,
    cny,
    day,
    grid,
    heard,
    loan,
    merged,
)


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


_UNLIKE = {"account_refs": "account_ref", "agreement_refs": "agreement_ref", "phones": "number"}


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
    secrets = (SUBJECT.name, SUBJECT.id_number, "10000000001", "one@", WORDS_OF_THE_SUBJECT)
    compared = 0
    for path in conclusions(masked):
        found = why(path, masked, sayings)
        said = str([found.value, found.details, *(one.says for one in found.evidence)])
        assert not any(secret in said for secret in secrets), path
        if path.startswith("/identity"):
            compared += len(found.evidence)
            assert all(one.says is not None for one in found.evidence), path
    assert compared
