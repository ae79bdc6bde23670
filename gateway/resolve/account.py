"""An account in the making: the records that speak of it, report by report."""

import operator
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, fields

from connectors.records import Tradeline
from gateway.profile.concluded import Evidence, Held, in_place
from gateway.profile.relations import Match

Group = tuple[Held[Tradeline], ...]

_FACTS = operator.attrgetter(*(f.name for f in fields(Tradeline) if f.name != "record_id"))
_TELLING = operator.attrgetter("opened", "original_amount", "credit_limit", "balance", "as_of")
_LASTING = operator.attrgetter("account_ref", "opened", "currency", "kind", "original_amount")


def first(group: Group) -> tuple[str, ...]:
    """The order of groups: that of their first records."""
    return in_place(group[0])


@dataclass(slots=True, eq=False)
class Account:
    """Records of one account: of each report one that speaks, and all that repeat it after it.

    `parts` are in the order of evidence.
    """

    parts: list[Group]
    matches: list[Match] = field(default_factory=list)

    @property
    def group(self) -> Group:
        """All its records, in the order of evidence."""
        if len(self.parts) == 1 and len(self.parts[0]) == 1:
            return self.parts[0]
        return tuple(sorted((one for part in self.parts for one in part), key=in_place))


def together(accounts: Sequence[Account], match: Match) -> Account:
    """Accounts that are one, as `match` says of two of their records."""
    parts = [part for account in accounts for part in account.parts]
    matches = [one for account in accounts for one in account.matches]
    return Account(sorted(parts, key=first), [*matches, match])


@dataclass(slots=True)
class Once:
    """Tells each account once a report, and remembers what came more often.

    `copies` say what another record of the report says, `repeated` something else of the same
    account, as its number, day and sum show.
    """

    copies: list[Evidence] = field(default_factory=list)
    repeated: list[Evidence] = field(default_factory=list)

    def accounts(self, block: Sequence[Held[Tradeline]]) -> list[Account]:
        """The accounts of a block, in the order of evidence, which `block` is in."""
        if len({one.evidence.report_id for one in block}) == len(block):
            return [Account([(one,)]) for one in block]
        numbered: defaultdict[object, list[Group]] = defaultdict(list)
        for group in self._statements(block):
            evidence, ref = group[0].evidence, group[0].record.account_ref
            told = evidence if ref is None or "*" in ref else _LASTING(group[0].record)
            numbered[evidence.source, evidence.report_id, told].append(group)
        parts = []
        for groups in numbered.values():
            if len(groups) > 1:  # the newest statement speaks for the account
                groups.sort(key=lambda group: (-group[0].record.as_of.toordinal(), first(group)))
                self.repeated += [group[0].evidence for group in groups[1:]]
            parts.append(tuple(one for group in groups for one in group))
        return [Account([part]) for part in sorted(parts, key=first)]

    def _statements(self, block: Sequence[Held[Tradeline]]) -> list[Group]:
        """Records of one report that say the very same, together."""
        alike: defaultdict[object, list[Held[Tradeline]]] = defaultdict(list)
        for one in block:
            alike[one.evidence.source, one.evidence.report_id, _TELLING(one.record)].append(one)
        statements: list[Group] = []
        for some in alike.values():
            # A few facts tell most records apart; all of them are costly to hash.
            same: defaultdict[object, list[Held[Tradeline]]] = defaultdict(list)
            for one in some:
                same[_FACTS(one.record) if len(some) > 1 else None].append(one)
            for group in same.values():
                self.copies += [one.evidence for one in group[1:]]
                statements.append(tuple(group))
        return statements
