"""gateway.profile: sections that stand alone, one JSON form, one schema."""

import json
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from connectors.money import PartialDate
from connectors.records import Annotation
from consent.subject import Scope
from gateway.profile import BorrowerProfile, ProfileTradeline, encoded, project, to_sections
from gateway.profile.concluded import Concluded, Evidence, Rejected
from tests.gateway.reports import (
    SUBJECT,
    card,
    heard,
    inquiry,
    lines_of,
    loan,
    merged,
    metric,
    phone,
    pulled,
    who,
)

FULL = (
    loan(
        "pboc", annotations=(Annotation(kind="dispute", text="not mine", added=PartialDate(2026)),)
    ),
    card("pboc"),
    inquiry("pboc"),
    inquiry("baihang"),
    phone("10012345678"),
    metric("bairong", "orgnum", 7),
)


def test_every_section_is_canonical() -> None:
    """It is sealed, hashed and replayed byte for byte: no float, no type of ours."""
    sections = encoded(pulled(*FULL))

    assert {scope.value for scope in Scope} <= sections.keys()
    assert {"attributes", "signals", "sources", "issues", "conflicts"} <= sections.keys()


def test_amounts_and_dates_have_one_form() -> None:
    """If this moves, stored profiles read differently: write an ADR."""
    (line,) = to_sections(pulled(loan("pboc")))["tradelines"]["lines"]

    assert line["original_amount"] == {
        "value": {"minor": 1_200_000, "currency": "CNY"},
        "rule": "rank_then_latest/1",
        "basis": ["pboc/R-pboc/A1"],
    }
    assert line["opened"]["value"] == "2025-03-05"
    assert line["grid"]["value"]["months"][0] == {
        "month": "2026-02", "status": "current", "overdue": None,
    }  # fmt: skip
    assert line["as_of"] == "2026-02-28"
    assert "credit_limit" not in line


def test_identity_stands_in_its_own_section_only() -> None:
    """Whoever may not open that section must not meet a name elsewhere."""
    other = who("baihang", name="甲云 帆", birth_date=PartialDate(1990, 1))
    sections = encoded(merged(heard("pboc", *FULL[:3]), heard("baihang", other)))

    personal = [SUBJECT.name, "甲云 帆", SUBJECT.id_number, "10012345678", "1990-01-01"]
    for name, body in sections.items():
        found = [value for value in personal if value in body.decode()]
        assert name == Scope.IDENTITY or found == []


def test_projection_leaves_out_what_rests_on_a_hidden_scope() -> None:
    """A number computed from inquiries tells about inquiries."""
    seen = project(encoded(pulled(*FULL)), {Scope.TRADELINES})

    assert seen.keys() & {scope.value for scope in Scope} == {"tradelines"}
    names = [value["name"] for value in json.loads(seen["attributes"])["values"]]
    assert "open_tradelines" in names
    assert not {"hard_inquiries_30d", "lenders_30d"} & {*names}
    assert [one["id"] for one in json.loads(seen["signals"])["results"]] == [
        "card_overdue_increase"
    ]


def test_projection_to_everything_changes_no_byte() -> None:
    """A reader with every scope sees what was stored."""
    sections = encoded(pulled(*FULL))

    assert project(sections, set(Scope)) == sections


def test_conflicts_about_a_hidden_scope_are_hidden() -> None:
    """That two bureaus disagree on a birth date is about the identity."""
    other = who("baihang", birth_date=PartialDate(1991, 1, 1))
    sections = encoded(merged(heard("pboc"), heard("baihang", other)))

    assert json.loads(sections["conflicts"])["conflicts"] != []
    assert json.loads(project(sections, {Scope.SCORES})["conflicts"])["conflicts"] == []


def test_a_section_nobody_was_asked_for_is_absent() -> None:
    """An empty list would say that there is nothing."""
    profile = merged(heard("pboc", loan("pboc"), scopes=(Scope.TRADELINES,)))

    assert profile.tradelines is not None
    assert profile.inquiries is None
    assert "inquiries" not in to_sections(profile)


def test_no_repr_shows_a_value() -> None:
    """A profile in a log line or a failed assertion must not tell about anybody."""
    profile = pulled(*FULL)
    assert profile.identity is not None
    assert profile.identity.name is not None

    for thing in (profile, profile.identity.name, profile.attributes):
        assert SUBJECT.name not in repr(thing)
        assert "1200000" not in repr(thing)


def test_the_schema_fits_what_is_written() -> None:
    """OpenAPI is made of these classes; every property written must be in it."""
    schema = TypeAdapter(BorrowerProfile).json_schema(mode="serialization")
    sections = to_sections(pulled(*FULL))

    assert sections.keys() <= schema["properties"].keys()
    line = schema["$defs"]["ProfileTradeline"]
    assert sections["tradelines"]["lines"][0].keys() <= line["properties"].keys()
    assert {*line["required"]} == {"id", "records", "as_of", "kind", "status"}
    assert TypeAdapter(BorrowerProfile).json_schema()["properties"].keys() == (
        schema["properties"].keys()
    )


def test_evidence_reads_back_from_its_text() -> None:
    """`source/report/record`, whatever slashes a bureau puts into its ids."""
    for one in (Evidence("pboc", "R1", "PD01/3"), Evidence("x", "a/b", "c")):
        assert Evidence.parse(str(one)) == one


def test_a_line_made_of_what_is_known_equals_one_made_in_full() -> None:
    """The quick constructor and the usual one make the same thing."""
    (line,) = lines_of(pulled(loan("pboc")))
    usual = ProfileTradeline(**vars(line))

    assert usual == line
    assert line.credit_limit is None


def test_what_is_made_often_is_not_to_be_changed() -> None:
    """Mypy refuses each of these lines; were it to let one pass, its ignore would be refused."""
    one = Concluded(1, "rule/1", ())
    if TYPE_CHECKING:
        one.value = 2  # type: ignore[misc]
        one.basis = ()  # type: ignore[misc]
        Rejected(1, Evidence("pboc", "R1", "1")).value = 2  # type: ignore[misc]

    assert hash(one) == hash(Concluded(1, "rule/1", ()))
    assert "1" not in repr(one).replace("rule/1", "")
