"""The records of a merge, and an account in the making: which of them speak of it."""

import operator
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields

from connectors.records import Tradeline
from gateway.profile.concluded import Held, in_place
from gateway.resolve.institutions import Institutions

Account = tuple[int, ...]
"""Records of one account, of each report the one that speaks for it, in the order of evidence."""

_FACTS = operator.attrgetter(*(f.name for f in fields(Tradeline) if f.name != "record_id"))
_TELLING = operator.attrgetter("opened", "original_amount", "credit_limit", "balance", "as_of")
_LASTING = operator.attrgetter("account_ref", "opened", "currency", "kind", "original_amount")
_REPORT = operator.attrgetter("evidence.source", "evidence.report_id")


@dataclass(frozen=True, slots=True)
class Lines:
    """All records in the order of evidence: a record is called by its place in it.

    `reports` says which report each is of, `lenders` what tells its lender apart, `institutions`
    the id of its lender, None when that is not listed.
    """

    held: Sequence[Held[Tradeline]]
    reports: Sequence[tuple[str, str]]
    lenders: Sequence[str]
    institutions: Sequence[str | None]

    @classmethod
    def of(cls, held: Iterable[Held[Tradeline]], directory: Institutions) -> "Lines":
        """In whatever order they come."""
        ordered = sorted(held, key=in_place)
        asked = [(one.record.source, one.record.lender) for one in ordered]
        found = {lender: _lender(*lender, directory) for lender in dict.fromkeys(asked)}
        lenders = [found[lender] for lender in asked]
        return cls(
            ordered,
            list(map(_REPORT, ordered)),
            [known for known, _ in lenders],
            [institution for _, institution in lenders],
        )


def _lender(source: str, name: str | None, directory: Institutions) -> tuple[str, str | None]:
    """What tells the lender apart, and its id when it is listed."""
    listed = directory.find(source, name)
    if listed:
        return listed.id, listed.id
    # Whoever does not name the lender is nobody else's lender either.
    return directory.key(source, name) or f"{source}:", None


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
            return [(one,) for one in block]
        numbered: defaultdict[object, list[list[int]]] = defaultdict(list)
        for statement in self._statements(block):
            one = statement[0]
            ref = held[one].record.account_ref
            told = one if ref is None or "*" in ref else _LASTING(held[one].record)
            numbered[reports[one], told].append(statement)
        accounts: list[Account] = []
        for statements in numbered.values():
            if len(statements) > 1:  # the newest statement speaks for the account
                statements.sort(key=lambda some: (-held[some[0]].record.as_of.toordinal(), some))
                self.repeated += [some[0] for some in statements[1:]]
            speaker, *others = [one for some in statements for one in some]
            if others:
                self.others[speaker] = others
            accounts.append((speaker,))
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

    def group(self, account: Account) -> Account:
        """All records of an account, in the order of evidence."""
        if not self.others:
            return account
        others = [other for one in account for other in self.others.get(one, ())]
        return tuple(sorted([*account, *others]))
