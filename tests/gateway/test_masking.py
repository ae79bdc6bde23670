"""gateway.masking: a masked identifier tells no more than its form."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.money import PartialDate
from connectors.records import Address, Employment, IdDocument, Phone
from consent import canonical
from gateway import masking
from gateway.profile import IdentitySection, to_sections
from gateway.profile.concluded import Concluded, Evidence, Rejected, Stated
from tests.gateway.reports import SUBJECT, TODAY, metric, pulled, who

ANY = st.text(st.characters(exclude_characters="*"), max_size=40)


@pytest.mark.parametrize(
    ("mask", "plain", "masked"),
    [
        (masking.document, "999999199001010015", "9****************5"),
        (masking.document, "E1", "**"),
        (masking.document, "", ""),
        (masking.phone, "10012345678", "100****5678"),
        (masking.phone, "+86 100-1234-5678", "100****5678"),
        (masking.phone, "8610012345678", "100****5678"),
        (masking.phone, "010-55551234", "****1234"),
        (masking.phone, "1234", "****"),
        (masking.mail, "contact@163.com", "con***@163.com"),
        (masking.mail, "abc@163.com", "***@163.com"),
        (masking.mail, "nobody", "******"),
        (masking.name, "甲云帆", "甲*"),
        (masking.name, "甲", "*"),
        (masking.text, "示例市示例路十二号", "示例市***十二号"),
        (masking.text, "甲乙", "**"),
    ],
)
def test_the_forms(mask: masking.Mask, plain: str, masked: str) -> None:
    """As JR/T 0171 style tables write them; a value too short for its form is hidden whole."""
    assert mask(plain) == masked


@given(ANY, ANY, ANY)
def test_what_is_hidden_does_not_show(head: str, middle: str, tail: str) -> None:
    """Two numbers that differ in the hidden middle only look the same."""
    other = "x" * len(middle)

    assert masking.document(f"9{middle}5") == masking.document(f"9{other}5")
    assert masking.name(f"甲{middle}") in {"甲*", "*"}
    third = max(len(head), len(tail))
    said = masking.text(f"{head:a>{third}}{middle}{tail:a>{third}}")
    assert len(said) == 2 * third + len(middle)
    assert said.count("*") >= len(said) / 3


@given(ANY)
def test_no_mask_gives_everything_away(plain: str) -> None:
    """Whatever a source writes into a field, its mask never is the value itself."""
    for mask in (masking.document, masking.phone, masking.mail, masking.name, masking.text):
        assert mask(plain) != plain or not plain


THIS, THAT = Evidence("pboc", "R", "1"), Evidence("baihang", "R", "2")
PASSPORT = IdDocument(type="PASSPORT", number="E12345678")
MASKED_PASSPORT = {"type": "PASSPORT", "number": "E*******8"}
ORIGIN = {"source": "pboc", "record_id": "1", "as_of": TODAY}

# Of each field what a source says and what is left of it; None where it is left out.
CONCLUDED: Mapping[str, tuple[Any, Any]] = {
    "name": ("甲云帆", "甲*"),
    "documents": (PASSPORT, MASKED_PASSPORT),
    "birth_date": (PartialDate(1990, 1, 1), None),
    "sex": ("female", None),
    "nationality": ("CN", None),
    "education": ("示例学历", None),
    "degree": ("示例学位", None),
    "employment_status": ("示例状态", None),
    "email": ("contact@example.invalid", "con***@example.invalid"),
    "mailing_address": ("示例市示例路十二号", "示例市***十二号"),
    "registered_address": ("示例省示例街三十号", "示例省***三十号"),
    "marital_status": ("married", None),
    "spouse_name": ("乙清晨", "乙*"),
    "spouse_document": (PASSPORT, MASKED_PASSPORT),
    "spouse_employer": ("示例有限公司", None),
    "spouse_phone": ("10087654321", "100****4321"),
    "phones": ("10012345678", "100****5678"),
}
STATED: Mapping[str, tuple[type[Any], Mapping[str, tuple[Any, Any]]]] = {
    "addresses": (
        Address,
        {
            "text": ("示例市示例路十二号", "示例市***十二号"),
            "status": ("示例状态", None),
            "phone": ("10087654321", "100****4321"),
        },
    ),
    "employments": (
        Employment,
        {
            "employer": ("示例有限公司", "示例**公司"),
            "employer_kind": ("示例性质", None),
            "industry": ("示例行业", None),
            "address": ("示例市示例路十二号", "示例市***十二号"),
            "phone": ("010-55551234", "****1234"),
            "occupation": ("示例职业", None),
            "position": ("示例职务", None),
            "title": ("示例职称", None),
            "status": ("示例状态", None),
            "since_year": (PartialDate(2020), None),
        },
    ),
}


def seen_of(field: str, value: Any) -> dict[str, Any]:
    """What is left of the identity section when it holds one field."""
    profile = replace(pulled(), identity=IdentitySection(**{field: value}))
    return masking.identity(to_sections(profile)["identity"])


def test_every_field_of_the_identity_was_decided_on() -> None:
    """Whoever adds one says here what a client without names sees of it."""
    assert {*CONCLUDED, *STATED, "metrics"} == {one.name for one in fields(IdentitySection)}
    for record, forms in STATED.values():
        assert {*forms, *ORIGIN} == {one.name for one in fields(record)}
    assert "metrics" not in seen_of("metrics", (metric("pboc", "示例", 1),))


@pytest.mark.parametrize("field", CONCLUDED)
def test_a_conclusion_is_masked_or_left_out(field: str) -> None:
    """The value, and as well what other records say against it."""
    plain, masked = CONCLUDED[field]
    said = Concluded(plain, "latest/1", (THIS,), (Rejected(plain, THAT),))
    several = field in {"documents", "phones"}

    left = {
        "value": masked,
        "rule": "latest/1",
        "basis": [str(THIS)],
        "against": [{"value": masked, "evidence": str(THAT)}],
    }
    seen = seen_of(field, (said,) if several else said)
    assert seen.get(field) == (None if masked is None else [left] if several else left)


@pytest.mark.parametrize("field", STATED)
def test_a_stated_record_is_masked_field_by_field(field: str) -> None:
    """Its origin stays, and nothing else in clear; neither of what was put beside it."""
    form, table = STATED[field]
    record = form(**ORIGIN, **{name: plain for name, (plain, _) in table.items()})
    said = Stated(record, (THIS,), "same/1", (Rejected(record, THAT),), (THIS,))

    masked = {name: left for name, (_, left) in table.items() if left is not None}
    left = {**ORIGIN, "as_of": TODAY.isoformat(), **masked}
    assert seen_of(field, (said,))[field] == [
        {
            "record": left,
            "basis": [str(THIS)],
            "rule": "same/1",
            "against": [{"value": left, "evidence": str(THAT)}],
            "disputed": [str(THIS)],
        }
    ]


def test_of_an_identity_only_what_has_a_form_is_left() -> None:
    """Who they married, when they were born and where they studied has none: it is left out."""
    married = who(
        "pboc",
        name="甲云帆",
        birth_date=PartialDate(1990, 1, 1),
        education="示例学历",
        spouse_name="乙清晨",
        email="contact@example.invalid",
    )
    home = Address(source="pboc", record_id="L1", as_of=TODAY, text="示例市示例路十二号",
                   status="示例状态", phone="10087654321")  # fmt: skip
    work = Employment(source="pboc", record_id="W1", as_of=TODAY, employer="示例有限公司",
                      occupation="示例职业")  # fmt: skip
    mobile = Phone(source="pboc", record_id="T1", as_of=TODAY, number="10012345678")
    other = who("baihang", name="甲云凡", spouse_name="丙清晨")
    section = to_sections(pulled(married, home, work, mobile, other))["identity"]

    seen = masking.identity(section)

    assert set(seen) == {
        "name", "documents", "email", "spouse_name", "phones", "addresses", "employments",
    }  # fmt: skip
    assert seen["documents"][0]["value"] == {"type": "CN_RIC", "number": "9****************6"}
    assert seen["addresses"][0]["record"] == {
        "source": "pboc", "record_id": "L1", "as_of": "2026-03-17",
        "text": "示例市***十二号", "phone": "100****4321",
    }  # fmt: skip
    said = canonical.encode(seen).decode()
    for secret in (
        SUBJECT.id_number, "甲云", "1990", "示例学历", "乙清晨", "丙清晨", "contact", "10012345678",
        "10087654321", "示例职业", "示例状态", "示例有限公司",
    ):  # fmt: skip
        assert secret not in said
    assert "乙*" in said
    assert seen["name"]["basis"] == section["name"]["basis"]
