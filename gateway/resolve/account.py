"""The records of a merge, and an account in the making: which of them speak of it."""

import operator
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields

from connectors.records import Tradeline
from gateway.profile.concluded import Held, in_place

Account = list[int]
"""Records of one account, of each report the one that speaks for it, in the order of evidence."""

_FACTS = operator.attrgetter(*(f.name for f in fields(Tradeline) if f.name != "record_id"))
_TELLING = operator.attrgetter("opened", "original_amount", "credit_limit", "balance", "as_of")
_LASTING = operator.attrgetter("account_ref", "opened", "currency", "kind", "original_amount")
_REPORT = operator.attrgetter("evidence.source", "evidence.report_id")


@dataclass(frozen=True, slots=True)
class Lines:
    """All records in the order of evidence: a record is called by its place in it.

    `reports` says which report each is of, `institutions` its lender, None when that is not listed.
    """

    held: Sequence[Held[Tradeline]]
    reports: Sequence[tuple[str, str]]
    institutions: list[str | None]

    @classmethod
    def of(cls, held: Iterable[Held[Tradeline]]) -> "Lines":
        """In whatever order they come; their lenders are not known yet."""
        ordered = sorted(held, key=in_place)
        return cls(ordered, list(map(_REPORT, ordered)), [])


@dataclass(slots=True)
class Once:
    """Tells each account once a report, and remembers what came more often.

    `copies` say what another record of the report says, `repeated` something else of the same
    account, as its number, day and sum show. `others` are the records that each one speaks for.
    """

    lines: Lines
    copies: list[int] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    others: dict[int, list[int]] = field(default_factory=dict)

    def accounts(self, block: Sequence[int]) -> list[Account]:
        """The accounts of a block, in the order of evidence, which `block` is in."""
        held, reports = self.lines.held, self.lines.reports
        if len({reports[one] for one in block}) == len(block):
            return [[one] for one in block]
        numbered: defaultdict[object, list[list[int]]] = defaultdict(list)
        for statement in self._statements(block):
            one = statement[0]
            ref = held[one].record.account_ref
            told = one if ref is None or "*" in ref else _LASTING(held[one].record)
            numbered[reports[one], told].append(statement)
        accounts = []
        for statements in numbered.values():
            if len(statements) > 1:  # the newest statement speaks for the account
                statements.sort(key=lambda some: (-held[some[0]].record.as_of.toordinal(), some))
                self.repeated += [some[0] for some in statements[1:]]
            speaker, *others = [one for some in statements for one in some]
            if others:
                self.others[speaker] = others
            accounts.append([speaker])
        return sorted(accounts)

    def _statements(self, block: Sequence[int]) -> list[list[int]]:
        """Records of one report that say the very same, together."""
        held, reports = self.lines.held, self.lines.reports
        alike: defaultdict[object, list[int]] = defaultdict(list)
        for one in block:
            alike[reports[one], _TELLING(held[one].record)].append(one)
        statements: list[list[int]] = []
        for some in alike.values():
            # A few facts tell most records apart; all of them are costly to hash.
            same: defaultdict[object, list[int]] = defaultdict(list)
            for one in some:
                same[_FACTS(held[one].record) if len(some) > 1 else None].append(one)
            for statement in same.values():
                self.copies += statement[1:]
                statements.append(statement)
        return statements

    def group(self, account: Account) -> list[int]:
        """All records of an account, in the order of evidence."""
        if not self.others:
            return account
        return sorted([*account, *(more for one in account for more in self.others.get(one, ()))])
