"""What is owed, to whom, and how much of what is granted is used."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from benchmarks.quality.families.reckoning import Values, part, total
from benchmarks.quality.known import Known
from benchmarks.quality.lines import CARDS, DRAWN, LOANS, PRODUCTS, REVOLVING, Line
from connectors.records import AccountKind, AccountStatus, LenderType
from connectors.sandbox.borrowing import FEN

SMALL = 5_000 * FEN
_OF_LENDERS: Mapping[str, Callable[[Line], bool]] = {
    "bank": lambda line: line.lender_type is LenderType.BANK,
    "consumer_finance": lambda line: line.lender_type is LenderType.CONSUMER_FINANCE,
    "microlender": lambda line: line.lender_type is LenderType.MICROLENDER,
    "nonbank": lambda line: line.nonbank,
}


def exposure(known: Known) -> Values:
    """How many accounts, with whom, and what is owed on them."""
    live = [line for line in known.lines if line.open]
    whole_balance = sum(line.balance for line in live)
    unsecured = sum(line.balance for line in live if line.unsecured)
    by_lender: Counter[str] = Counter()
    for line in live:
        if line.lender:
            by_lender[line.lender] += line.balance
    loans = [line for line in live if line.kind in LOANS]
    instalments = [line for line in live if line.kind is AccountKind.INSTALMENT_LOAN]
    values: Values = {
        "open_tradelines": len(live),
        "open_credit_cards": sum(line.kind is AccountKind.CREDIT_CARD for line in live),
        "open_instalment_loans": len(instalments),
        "open_revolving_loans": sum(line.kind in DRAWN for line in live),
        "tradelines_ever": len(known.lines),
        "closed_tradelines": sum(line.status is AccountStatus.CLOSED for line in known.lines),
        "open_lenders": len(by_lender.keys()),
        "open_nonbank_lenders": len({line.lender for line in live if line.nonbank and line.lender}),
        "small_open_loans": sum((line.amount or SMALL + 1) <= SMALL for line in loans)
        if not loans or any(line.amount for line in loans)
        else None,
        "total_balance_cny": whole_balance,
        "balance_cards_cny": sum(line.balance for line in live if line.kind in CARDS),
        "largest_balance_cny": max((line.balance for line in live), default=0),
        "total_past_due_cny": total(line.overdue for line in live),
        "largest_past_due_cny": max(
            (line.overdue for line in live if line.overdue is not None),
            default=None if live else 0,
        ),
        "scheduled_payments_cny": total(line.due for line in live),
        "largest_lender_share": part(max(by_lender.values(), default=0), sum(by_lender.values())),
        "nonbank_balance_share": part(
            sum(line.balance for line in live if line.nonbank), whole_balance
        ),
        "instalment_unpaid_part": part(
            sum(line.balance for line in instalments),
            sum(line.amount or 0 for line in instalments),
        ),
        "unbilled_instalments_cny": total(line.unbilled for line in live if line.kind in CARDS),
        "most_remaining_terms": max(
            (line.remaining for line in loans if line.remaining is not None), default=None
        ),
        "open_unsecured": sum(line.unsecured for line in live),
        "balance_unsecured_cny": unsecured,
        "unsecured_balance_share": part(unsecured, whole_balance),
        "guaranteed_balance_cny": sum(one.balance for one in known.life.guarantees),
    }
    for name, products in PRODUCTS.items():
        some = [line for line in live if line.product in products]
        values[f"open_{name}"] = len(some)
        values[f"balance_{name}_cny"] = sum(line.balance for line in some)
    values["mortgages_balance_share"] = part(values["balance_mortgages_cny"] or 0, whole_balance)
    for name, holds in _OF_LENDERS.items():
        some = [line for line in live if holds(line)]
        values[f"open_{name}_accounts"] = len(some)
        values[f"balance_{name}_cny"] = sum(line.balance for line in some)
    return values


def utilisation(known: Known) -> Values:
    """Used of limit, over open accounts that have one."""
    revolving = [(line, line.limit or 0) for line in known.lines if line.open and line.limit]
    drawn = [(line.balance, limit) for line, limit in revolving if line.kind in REVOLVING]
    cards = [(line.balance, limit) for line, limit in revolving if line.kind in CARDS]
    open_cards = [(line, limit) for line, limit in revolving if line.kind in CARDS]
    usual = [(x.usual, limit) for x, limit in open_cards if x.usual is not None]
    peak = [(x.peak, limit) for x, limit in open_cards if x.peak is not None]
    risen = [(x.balance - x.usual, limit) for x, limit in open_cards if x.usual is not None]
    return {
        "revolving_limit_cny": sum(limit for _, limit in drawn),
        "highest_card_limit_cny": max((limit for _, limit in cards), default=0),
        "revolving_utilisation": _used(drawn),
        "cards_utilisation": _used(cards),
        "revolving_loans_utilisation": _used(
            [(line.balance, limit) for line, limit in revolving if line.kind in DRAWN]
        ),
        "highest_card_utilisation": max((_used([one]) or 0 for one in cards), default=None),
        "cards_usual_utilisation_6m": _used(usual),
        "cards_peak_utilisation": _used(peak),
        "cards_utilisation_change_6m": _used(risen),
        "cards_unused": sum(used == 0 for used, _ in cards),
        "revolving_available_cny": sum(max(limit - used, 0) for used, limit in drawn),
    } | {
        f"cards_used_from_{bp}bp": sum(10_000 * used >= bp * limit for used, limit in cards)
        for bp in (5000, 7500, 9000, 10_000)
    }


def _used(some: Sequence[tuple[int, int]]) -> int | None:
    return part(sum(used for used, _ in some), sum(limit for _, limit in some))
