"""Loan money for what loans must not pay for."""

from connectors.records import LoanPurpose, LoanUse
from gateway.creditfile import CreditFile, evidence
from gateway.profile import Observed
from gateway.signals.definition import Count, Definition, Seen


class RestrictedPurpose(Definition):
    """Declared or observed `uses`, or an open account of one of the `products`."""

    days: Count
    uses: frozenset[LoanUse]
    undetermined: frozenset[LoanUse]
    products: frozenset[str]


def misused(file: CreditFile, rule: RestrictedPurpose) -> Seen:
    """By what was declared, by where money was seen to go, and by the bureau's business type."""
    told = [one for one in file.purposes if _within(file, one.record, rule)]
    declared = [one for one in told if one.record.declared in rule.uses]
    observed = [one for one in told if any(use.use in rule.uses for use in one.record.observed)]
    financed = [
        line for line in file.open_lines if line.product and line.product.value in rule.products
    ]
    caught = [one for one in told if one in declared or one in observed]
    grounds = {"declared": declared, "observed": observed, "securities_account": financed}
    fires = any(grounds.values())
    return Seen(
        fires=fires,
        could_fire=fires or any(_undetermined(one.record, rule) for one in told),
        observed=(
            Observed("restricted_uses_declared", len(declared), 1),
            Observed("restricted_uses_observed", len(observed), 1),
            Observed("securities_accounts", len(financed), 1),
            Observed("purposes", len(told)),
        ),
        basis=(
            *dict.fromkeys(basis for one in (caught if fires else told) for basis in one.basis),
            *evidence(financed),
        ),
        grounds=tuple(name for name, found in grounds.items() if found),
    )


def _within(file: CreditFile, purpose: LoanPurpose, rule: RestrictedPurpose) -> bool:
    """Anything of it was said or seen in the window; the loan itself may be older."""
    return 0 <= (file.today - purpose.as_of).days < rule.days


def _undetermined(purpose: LoanPurpose, rule: RestrictedPurpose) -> bool:
    uses = {purpose.declared, *(use.use for use in purpose.observed)}
    return not uses.isdisjoint(rule.undetermined)
