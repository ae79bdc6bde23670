"""How much is known at all: a thin file is not a clean one, and neither is an old one."""

from gateway.arrears import months_ago
from gateway.attributes.found import Found, Measure, counted, nothing, records
from gateway.creditfile import CreditFile
from gateway.selection import ANY_ACCOUNT


def account_sources(file: CreditFile) -> Found:
    """Sources that report any account, distinct."""
    return Found(
        len({record.source for line in file.lines for record in line.records}),
        file.chosen[ANY_ACCOUNT].basis,
    )


def confirmed_accounts(file: CreditFile) -> Found:
    """Accounts that more than one source reports."""
    return counted([line for line in file.lines if len({one.source for one in line.records}) > 1])


def seasoned_accounts(file: CreditFile, *, months: int) -> Found:
    """Accounts of which at least so many months are known."""
    return counted(
        [past.line for past in file.history[ANY_ACCOUNT].pasts if len(past.told) >= months]
    )


def months_known(file: CreditFile, *, months: int) -> Found:
    """Calendar months of the window about which any account says something."""
    history = file.history[ANY_ACCOUNT]
    return Found(sum([ago < months for ago in history.told]), records(history.telling(months)))


def stale_accounts(file: CreditFile, *, months: int) -> Found:
    """Open accounts whose newest figures are at least so many months old."""
    return counted(
        [line for line in file.open_lines if months_ago(line.as_of, file.today) >= months]
    )


def days_since_reported(file: CreditFile) -> Found:
    """Days since the newest figures of any open account."""
    if not file.open_lines:
        return nothing("no_account")
    newest = max(line.as_of for line in file.open_lines)
    days = (file.today - newest).days
    return Found(max(days, 0), records([o for o in file.open_lines if o.as_of == newest]))


def disputed_accounts(file: CreditFile) -> Found:
    """Accounts with a dispute noted on them."""
    return counted([line for line in file.lines if line.disputed])


def unlisted_lenders(file: CreditFile) -> Found:
    """Accounts with a lender that our directory does not list."""
    return counted([line for line in file.lines if line.institution is None])


def contradicted_accounts(file: CreditFile) -> Found:
    """Accounts whose status or months another record tells differently."""
    return counted(
        [
            line
            for line in file.lines
            if line.status.against or (line.grid is not None and line.grid.against)
        ]
    )


MEASURES: tuple[Measure, ...] = (
    account_sources,
    confirmed_accounts,
    seasoned_accounts,
    months_known,
    stale_accounts,
    days_since_reported,
    disputed_accounts,
    unlisted_lenders,
    contradicted_accounts,
)
