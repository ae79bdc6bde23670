"""Catalogues: what each attribute is called, looks at and means. Data, in versions.

A model may rely on a name: what it means never changes under one version of a catalogue. A file
defines attributes in families; an entry that differs only in its window or its accounts is written
once, with what it varies over, and expands to one attribute for each combination.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import groupby, product
from operator import attrgetter
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from consent import canonical
from consent.subject import Scope
from gateway.attributes.found import Found, Measure
from gateway.attributes.measures import bound, window
from gateway.selection import Accounts, Asked

Unit = Literal["count", "days", "months", "bp", "CNY"]
Word = str | int
Given = Mapping[str, Word | tuple[Word, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute, spelled out."""

    name: str
    family: str
    measure: str
    given: Given
    window: str | None
    unit: Unit
    formula: str
    missing: str
    inputs: tuple[str, ...]
    scopes: tuple[Scope, ...]
    owner: str
    run: Measure = field(compare=False, repr=False)
    asks: tuple[str | None, tuple[Scope, ...]]  # whose answers it needs: one source's, or any's

    def definition(self) -> dict[str, Any]:
        """What it means, as plain data: all of it but who looks after it."""
        return {
            "name": self.name,
            "measure": self.measure,
            "given": {
                key: sorted(map(str, word)) if isinstance(word, tuple) else word
                for key, word in self.given.items()
            },
            "unit": self.unit,
            "formula": self.formula,
            "missing": self.missing,
            "inputs": sorted(self.inputs),
            "scopes": sorted(self.scopes),
        }


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Entry(_Part):
    """Attributes as they are written: `{names}` of what varies stand in name and formula."""

    name: Annotated[str, Field(pattern=r"^[a-z{][a-z0-9_{}]*$")]
    measure: str
    unit: Unit
    formula: str
    missing: str
    inputs: Annotated[tuple[str, ...], Field(min_length=1)]
    scopes: tuple[Scope, ...] = ()
    given: Given = Field(default_factory=dict)
    vary: Mapping[str, Annotated[tuple[Word, ...], Field(min_length=1)]] = Field(
        default_factory=dict
    )

    def spelled_out(self) -> Iterator[Given]:
        """The parameters of each attribute this stands for."""
        for words in product(*self.vary.values()):
            yield {**self.given, **dict(zip(self.vary, words, strict=True))}


class Family(_Part):
    """Attributes of one kind. `scopes` are those of entries that name none."""

    name: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    title: str
    about: str
    owner: str
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)]
    attributes: Annotated[tuple[Entry, ...], Field(min_length=1)]


class Catalogue(_Part):
    """One file of `config/attributes/`: one version of a catalogue, in the order it is shown."""

    catalogue: Annotated[str, Field(pattern=r"^[a-z]+/[1-9][0-9]*$")]
    accounts: Mapping[str, Accounts] = Field(default_factory=dict)
    inquiries: Mapping[str, Asked] = Field(default_factory=dict)
    families: Annotated[tuple[Family, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        names = [one.name for one in self.attributes]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"each attribute once: {', '.join(twice)}")
        return self

    @cached_property
    def attributes(self) -> tuple[Attribute, ...]:
        """All of them, spelled out and ready to run."""
        return tuple(
            self._attribute(family, entry, given)
            for family in self.families
            for entry in family.attributes
            for given in entry.spelled_out()
        )

    @cached_property
    def alike(self) -> tuple[tuple[Attribute, ...], ...]:
        """The attributes in their order, those in a row that need the same answers together."""
        return tuple(tuple(run) for _, run in groupby(self.attributes, attrgetter("asks")))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what all attributes and selections mean, in hex: moves when a meaning does."""
        meanings = {
            "accounts": {name: _lists(one) for name, one in self.accounts.items()},
            "inquiries": {name: _lists(one) for name, one in self.inquiries.items()},
            "attributes": [one.definition() for one in self.attributes],
        }
        return hashlib.sha256(canonical.encode(meanings)).hexdigest()

    def _attribute(self, family: Family, entry: Entry, given: Given) -> Attribute:
        try:
            run = bound(entry.measure, given, self.accounts, self.inquiries)
            name, formula = entry.name.format(**given), entry.formula.format(**_words(given, run))
        except KeyError as exc:
            raise ValueError(f"{entry.name}: nothing is given for {exc}") from None
        except ValueError as exc:
            raise ValueError(f"{entry.name}: {exc}") from None
        source = given.get("source")
        source = source if isinstance(source, str) else None
        scopes = entry.scopes or family.scopes
        return Attribute(
            name=name,
            family=family.name,
            measure=entry.measure,
            given=given,
            window=_in_words(given["window"]) if "window" in given else None,
            unit=entry.unit,
            formula=formula,
            missing=entry.missing,
            inputs=entry.inputs,
            scopes=scopes,
            owner=family.owner,
            run=run,
            asks=(source, scopes),
        )


def _words(given: Given, run: partial[Found]) -> dict[str, object]:
    """What is given, as a sentence says it; a selection by the words of the one it is bound to."""
    words: dict[str, object] = dict(given)
    if "window" in given:
        words["window"] = _in_words(given["window"])
    if "of" in given:
        words["of"] = run.keywords["of"].words
    return words


def _in_words(text: object) -> str:
    length, unit = window(text)
    return f"{length} {unit}"


def _lists(one: Accounts | Asked) -> dict[str, list[str]]:
    names = ("kinds", "products", "lender_types", "guarantees")
    return {name: sorted(getattr(one, name, ())) for name in names}


@dataclass(frozen=True, slots=True)
class Catalogues:
    """All versions there are; `default` is the one for requests that pin none."""

    default: Catalogue
    by_name: Mapping[str, Catalogue]

    @classmethod
    def of(cls, catalogues: tuple[Catalogue, ...], default: str) -> "Catalogues":
        """Side by side; ValueError when a version is there twice, or `default` is not."""
        by_name = {one.catalogue: one for one in catalogues}
        if len(by_name) < len(catalogues):
            raise ValueError("each version of a catalogue once")
        if default not in by_name:
            raise ValueError(f"no catalogue {default!r}; known: {', '.join(sorted(by_name))}")
        return cls(by_name[default], by_name)
