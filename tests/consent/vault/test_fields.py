"""consent.vault.fields: nobody adds a field without saying what it is worth."""

import dataclasses
import typing
from collections.abc import Iterator

import pytest

from connectors import records
from consent.subject import Scope
from consent.vault.fields import FIELDS, FieldClass, classify, covers, section_key
from consent.vault.keys import KeyClass

DATACLASSES = {
    name: cls
    for name, cls in vars(records).items()
    if dataclasses.is_dataclass(cls) and cls.__module__.startswith(records.__name__)
}
DECLARED = {
    (name, field.name) for name, cls in DATACLASSES.items() for field in dataclasses.fields(cls)
}
CLASSIFIED = {(name, field) for name, fields in FIELDS.items() for field in fields}

if DECLARED != CLASSIFIED:  # at import, so that not one test of this file runs without it
    raise AssertionError(
        f"classify in consent.vault.fields: {sorted(DECLARED - CLASSIFIED)}; "
        f"no longer there: {sorted(CLASSIFIED - DECLARED)}"
    )

RECORD_TYPES = {cls.__name__: cls for cls in records.RECORD_TYPES}
ORIGIN = {"source", "record_id", "as_of"}


def scopes_of(record_type: str) -> frozenset[Scope]:
    """Where records of a type can be stored: `scope_of` without the values it does not read."""
    blank = object.__new__(RECORD_TYPES[record_type])
    if record_type == "Metric":  # says its scope itself
        return frozenset(Scope)
    return frozenset({records.scope_of(blank)})


def nested(annotation: object) -> Iterator[str]:
    """The dataclasses of `connectors.records` a field's type is made of."""
    name = getattr(annotation, "__name__", "")
    if name in DATACLASSES and name not in RECORD_TYPES:
        yield name
    for inner in typing.get_args(annotation):
        yield from nested(inner)


def strictest(record_type: str) -> FieldClass:
    """The class that decides where a record may be stored."""
    return max(FIELDS[record_type].values())


@pytest.mark.parametrize("record_type", RECORD_TYPES)
def test_a_section_is_sealed_as_its_strictest_field_asks(record_type: str) -> None:
    """What is stored in a section is sealed under a key at least as strict as any field of it."""
    for scope in scopes_of(record_type):
        assert covers(section_key(scope), FIELDS[record_type].values()), scope


@pytest.mark.parametrize("record_type", RECORD_TYPES)
def test_identity_stands_only_under_the_identity_key(record_type: str) -> None:
    """Scoring reads the other sections and must not learn from them who somebody is."""
    holds_identity = strictest(record_type) is FieldClass.IDENTITY
    under_identity = {section_key(scope) for scope in scopes_of(record_type)} == {KeyClass.IDENTITY}

    assert holds_identity is under_identity


def test_the_record_types_that_hold_identity_are_these() -> None:
    """All of scope identity; and contributions, which name the employer."""
    holding = {name for name in RECORD_TYPES if strictest(name) is FieldClass.IDENTITY}
    in_scope = {name for name in RECORD_TYPES if scopes_of(name) == {Scope.IDENTITY}}

    assert holding == in_scope | {"Contribution"}
    assert in_scope == {"Identity", "Phone", "Address", "Employment"}


@pytest.mark.parametrize("name", DATACLASSES)
def test_a_field_is_as_strict_as_what_it_is_made_of(name: str) -> None:
    """A tuple of documents is worth what a document is."""
    for field, annotation in typing.get_type_hints(DATACLASSES[name]).items():
        for inner in nested(annotation):
            assert classify(name, field) >= strictest(inner), (name, field, inner)


def test_only_origin_stays_in_clear() -> None:
    """JR/T 0171: lending information is C2, encrypted at rest, down to the last code."""
    plain = {
        (name, field)
        for name in RECORD_TYPES
        for field, cls in FIELDS[name].items()
        if cls is FieldClass.PLAIN
    }

    assert plain == {(name, field) for name in RECORD_TYPES for field in ORIGIN} | {
        ("Metric", "scope")
    }


@pytest.mark.parametrize(
    ("record_type", "field"),
    [
        ("Annotation", "text"),
        ("SpecialTransaction", "detail"),
        ("PublicRecord", "subject_matter"),
        ("PublicRecord", "details"),
    ],
)
def test_free_text_is_known_as_such(record_type: str, field: str) -> None:
    """Somebody typed it, so it may name anyone: views without identity leave it out."""
    assert classify(record_type, field) is FieldClass.TEXT


def test_every_scope_has_a_key() -> None:
    """A new scope needs a decision, not a default."""
    assert {scope: section_key(scope).name for scope in Scope} == {
        Scope.IDENTITY: "IDENTITY",
        Scope.TRADELINES: "ACCOUNT",
        Scope.INQUIRIES: "ACCOUNT",
        Scope.PUBLIC_RECORDS: "ACCOUNT",
        Scope.SCORES: "SCORE",
        Scope.INCOME_AND_ASSETS: "ACCOUNT",
        Scope.CONTRIBUTIONS: "IDENTITY",
        Scope.BEHAVIOUR: "ACCOUNT",
        Scope.REGION: "ACCOUNT",
    }


def test_keys_of_other_uses_hold_no_record_fields() -> None:
    """The raw report may hold everything, audit details and seals nothing of a record."""
    held = {key.name for key in KeyClass if covers(key, [FieldClass.IDENTITY])}

    assert held == {"IDENTITY", "RAW"}
    assert not covers(KeyClass.MAC, [FieldClass.PLAIN])
    assert not covers(KeyClass.AUDIT_DETAIL, [FieldClass.PLAIN])


@pytest.mark.parametrize(("record_type", "field"), [("Tradeline", "shoe_size"), ("Shoe", "size")])
def test_an_unknown_field_is_an_error(record_type: str, field: str) -> None:
    """Never a default: the default would be the wrong one some day."""
    with pytest.raises(LookupError, match=f"{record_type}.{field}"):
        classify(record_type, field)
