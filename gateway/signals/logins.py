"""Somebody else at the subject's account, told by logins to the lender's own app."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain, pairwise
from typing import Annotated

from pydantic import Field

from connectors.records import Login, LoginOutcome
from gateway.creditfile import CreditFile
from gateway.profile import Observed
from gateway.profile.concluded import Stated
from gateway.signals.definition import Count, Definition, Seen

_Province = Annotated[str, Field(pattern=r"^[1-9][0-9]$")]
_PROVINCE_DIGITS = 2  # GB/T 2260: the first two of six digits

_FIRST = datetime.min.replace(tzinfo=UTC)

_Logins = Sequence[Stated[Login]]


class AbnormalLogins(Definition):
    """Many failures, a new device in a new place, or two far places at once."""

    days: Count
    failures: Count
    failure_minutes: Count
    together_minutes: Count
    known_logins: Count
    travel_minutes: Count
    commuting: tuple[frozenset[_Province], ...]


def odd_logins(file: CreditFile, rule: AbnormalLogins) -> Seen:
    """Each of the three patterns, by the attempts in the window and what was known before."""
    told = sorted(file.logins, key=lambda one: (one.record.at, one.record.record_id))
    recent = [one for one in told if _lately(file, one.record, rule)]
    entered = [one for one in told if one.record.outcome is LoginOutcome.SUCCESS]
    burst = _burst([one for one in recent if one.record.outcome is not LoginOutcome.SUCCESS], rule)
    strange = [one for one in _strange(entered, rule) if _lately(file, one.record, rule)]
    jumps = [pair for pair in _jumps(entered, rule) if _lately(file, pair[1].record, rule)]
    held = {
        "failures": burst if len(burst) >= rule.failures else (),
        "new_device_in_new_place": strange,
        "impossible_travels": [*chain(*jumps)],
    }
    told_by = [*chain(*held.values())]
    fires = bool(told_by)
    return Seen(
        fires=fires,
        could_fire=fires or any(_from_anywhere(one.record) for one in recent),
        observed=(
            Observed("failures", len(burst), rule.failures),
            Observed("new_device_in_new_place", len(strange), 1),
            Observed("impossible_travels", len(jumps), 1),
            Observed("logins", len(recent)),
        ),
        basis=tuple(dict.fromkeys(basis for one in told_by or recent for basis in one.basis)),
        grounds=tuple(name for name, found in held.items() if found),
    )


def _lately(file: CreditFile, login: Login, rule: AbnormalLogins) -> bool:
    return 0 <= (file.today - login.as_of).days < rule.days


def _from_anywhere(login: Login) -> bool:
    """It got in and does not say from which device or place."""
    unsaid = login.device is None or login.region is None
    return unsaid and login.outcome is LoginOutcome.SUCCESS


def _burst(failed: _Logins, rule: AbnormalLogins) -> _Logins:
    """The most failures that any span of `failure_minutes` holds, the first of equally many.

    `failed` are in the order of time; each is looked at twice, however many there are.
    """
    span = _minutes(rule.failure_minutes)
    start, most = 0, slice(0, 0)
    for end, last in enumerate(failed, start=1):
        while last.record.at - failed[start].record.at > span:
            start += 1
        if end - start > most.stop - most.start:
            most = slice(start, end)
    return failed[most]


def _strange(entered: _Logins, rule: AbnormalLogins) -> Iterator[Stated[Login]]:
    """Logins whose device and place both appeared shortly before, once the habits are known."""
    placed = [one for one in entered if not _from_anywhere(one.record)]
    times = [one.record.at for one in placed]
    first: dict[str, datetime] = {}
    for one in placed:
        first.setdefault(f"device {one.record.device}", one.record.at)
        first.setdefault(f"region {one.record.region}", one.record.at)
    for one in placed:
        since = one.record.at - min(_minutes(rule.together_minutes), one.record.at - _FIRST)
        known = bisect_left(times, since)
        both = (first[f"device {one.record.device}"], first[f"region {one.record.region}"])
        if known >= rule.known_logins and min(both) >= since:
            yield one


def _jumps(entered: _Logins, rule: AbnormalLogins) -> Iterator[tuple[Stated[Login], Stated[Login]]]:
    """Logins one after the other from places that nobody travels between in that time."""
    for before, after in pairwise(one for one in entered if one.record.region):
        near = _place(before.record, rule) == _place(after.record, rule)
        quick = after.record.at - before.record.at <= _minutes(rule.travel_minutes)
        if quick and not near:
            yield before, after


def _place(login: Login, rule: AbnormalLogins) -> frozenset[str]:
    """The province of a login, or all those that count as one with it."""
    province = (login.region or "")[:_PROVINCE_DIGITS]
    return next((group for group in rule.commuting if province in group), frozenset({province}))


def _minutes(number: int) -> timedelta:
    return timedelta(minutes=number)
