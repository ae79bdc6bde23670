"""The connector of a source without code."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Annotated

import orjson
from pydantic import Field

from connectors import asking, options
from connectors.base import SourceSettings
from connectors.declarative.outcome import Outcomes
from connectors.declarative.paths import Places, Pointer, found
from connectors.declarative.records import Plan, Rule, plan
from connectors.declarative.request import Request
from connectors.declarative.values import Instant
from connectors.errors import SourceBrokeContract
from connectors.http import RawAnswer, SourceClient
from connectors.normalise import json_body, report_number
from connectors.normalise.issues import Issues
from connectors.normalise.json_body import Json
from connectors.records import NoHit, Report
from consent.data_items import DataItem
from consent.decision import Permit
from consent.errors import ConfigError
from consent.identity import Identity

_CHINA = timezone(timedelta(hours=8))  # no summer time since 1991


class Answer(options.Options):
    """How an answer is read.

    `outcome` comes first. `no_hit_without` is a place that is empty when nobody is known. Without
    `report_id` a report is known by the digest of its bytes, without `as_of` it is as of its
    arrival. `ignore` are the places that are known and of no use: everything else that no rule
    reads is counted.
    """

    outcome: Outcomes | None = None
    no_hit_without: Pointer | None = None
    report_id: Pointer | None = None
    as_of: Instant | None = None
    ignore: tuple[Pointer, ...] = ()
    records: Annotated[tuple[Rule, ...], Field(min_length=1)]


class Mapped(options.Options):
    """The options of a declarative source. `version` names the mapping in reports."""

    version: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")]
    request: Request
    answer: Answer


@dataclass(frozen=True, slots=True)
class Declarative:
    """The connector: everything about the source is in `request` and `answer`."""

    name: str
    client: SourceClient
    reasons: Mapping[str, str]
    version: str
    request: Request
    answer: Answer
    plans: tuple[Plan, ...]
    places: Places

    @property
    def items(self) -> frozenset[DataItem]:
        """What the records hold that its rules make."""
        return frozenset().union(*(one.items for one in self.plans))

    def sends(self, subject: Identity) -> Mapping[str, str]:
        """What the template takes of the subject."""
        known = {
            "name": subject.name,
            "id_number": subject.id_number,
            "mobile": subject.mobile or "",
        }
        return {name: known[name] for name in sorted(self.request.told()) if known[name]}

    async def fetch(self, permit: Permit, subject: Identity, *, at: datetime) -> RawAnswer:  # noqa: ARG002 - the request carries no time
        """One POST of the filled template."""
        purpose = asking.reason(self.name, permit, self.reasons)
        body = self.request.of(self.name, subject, purpose)
        headers = {"Content-Type": "application/json", **self.request.headers}
        return await self.client.post(self.request.path, orjson.dumps(body), headers=headers)

    def read(self, raw: RawAnswer) -> Report | NoHit:
        """The outcome, then every rule, then what no rule and no place knows."""
        body = json_body.parse(self.name, raw.content)
        issues = Issues(self.name)
        outcome = self.answer.outcome
        nobody = outcome is not None and outcome.of(self.name, body) == "no_hit"
        as_of = self._as_of(body, issues, raw.received_at)
        needed = self.answer.no_hit_without
        if nobody or (needed is not None and found(body, needed) in (None, "", [], {})):
            return NoHit(source=self.name, as_of=as_of)
        report_id = self._report_id(body, raw)
        self.places.count_unknown(body, issues)
        day = as_of.astimezone(_CHINA).date()
        records = [
            record for one in self.plans for record in one.records(self.name, body, day, issues)
        ]
        return Report(
            source=self.name,
            report_id=report_id,
            as_of=as_of,
            version=f"{self.name}/{self.version}",
            records=tuple(records),
            issues=issues.drain(),
        )

    def _as_of(self, body: Json, issues: Issues, received_at: datetime) -> datetime:
        told = self.answer.as_of
        if told is None:
            return received_at
        value = found(body, told.at)
        try:
            return told.read(value)
        except ValueError as exc:
            issues.bad_value(".".join(told.at), value, str(exc))
            return received_at

    def _report_id(self, body: Json, raw: RawAnswer) -> str:
        if self.answer.report_id is None:
            return raw.sha256[:32]
        value = found(body, self.answer.report_id)
        digits = isinstance(value, int) and not isinstance(value, bool)
        number = report_number.read(str(value) if digits else value)
        if number is None:
            raise SourceBrokeContract(self.name, "missing", "report_id")
        return number


def build(client: SourceClient, settings: SourceSettings) -> Declarative:
    """Make the connector; `ConfigError` names the line of the mapping and what would be right."""
    options.asked_once(client, settings, "a template has no place for a key that is sent twice")
    mapped = options.read(Mapped, settings)
    where = f"sources.{settings.name}.options.answer.records"
    names = [rule.name for rule in mapped.answer.records]
    if len(set(names)) != len(names):
        raise ConfigError(f"{where}: two rules of one name; their records could not be told apart")
    places = _places(mapped.answer)
    if clash := places.clash():
        raise ConfigError(
            f"sources.{settings.name}.options.answer: /{'/'.join(clash)} is read or ignored as a "
            "whole, so no other place can stand inside it"
        )
    plans = tuple(plan(rule, f"{where}.{rule.name}") for rule in mapped.answer.records)
    return Declarative(
        name=settings.name,
        client=client,
        reasons=settings.reasons,
        version=mapped.version,
        request=mapped.request.with_secrets(settings),
        answer=mapped.answer,
        plans=plans,
        places=places,
    )


def _places(answer: Answer) -> Places:
    places = Places()
    for steps in answer.ignore:
        places.add(steps)
    heads = [one.at for one in (answer.outcome, answer.as_of) if one is not None]
    for head in (*heads, *([] if answer.report_id is None else [answer.report_id])):
        places.add(head)
    for rule in answer.records:
        for value in rule.fields.values():
            if not isinstance(value, str | int):
                places.add(value.at, each=rule.each)
    return places
