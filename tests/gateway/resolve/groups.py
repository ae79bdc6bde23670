"""Which of some records are one loan, by the shipped rules and by what people said."""

from connectors.records import Tradeline
from gateway.profile.concluded import Evidence, Held
from gateway.resolve.judged import NOTHING_JUDGED, Judgements, account_name, pair
from gateway.resolve.likeness import LoanRules
from gateway.resolve.loan import Grouping, same_loans
from tests.gateway.reports import CONFIG


def grouped(
    *records: Tradeline, said: Judgements = NOTHING_JUDGED, rules: LoanRules = CONFIG.rules.loan
) -> Grouping:
    """The groups of these records after what a person `said`, each source one report."""
    held = [Held(Evidence(r.source, f"R-{r.source}", r.record_id), r) for r in records]
    return same_loans(held, rules, CONFIG.institutions, said)


def names(grouping: Grouping) -> list[list[str]]:
    """Who is with whom, by source and record."""
    return [[held.evidence.local for held in group] for group in grouping.groups]


def judged(*same: tuple[Tradeline, Tradeline], different: bool = False) -> Judgements:
    """A person said of these pairs that they are one account, or are not."""
    pairs = tuple(pair(account_name(one) or "", account_name(other) or "") for one, other in same)
    return Judgements(different=pairs) if different else Judgements(same=pairs)
