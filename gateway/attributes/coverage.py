"""How much is known at all: a thin file is not a clean one, and neither is an old one."""

from gateway.arrears import month_number
from gateway.attributes.found import Found, Measure, counted, nothing, records
from gateway.creditfile import CreditFile
from gateway.selection import ANY_ACCOUNT


def account_sources(file: CreditFile) -> Found:
    """Sources that report any account, distinct."""
    return Found(len(set().union(*file.once(_sources))), file.chosen[ANY_ACCOUNT].basis)


def _sources(file: CreditFile) -> list[set[str]]:
    """Who reports each account."""
    return [{record.source for record in line.records} for line in file.lines]


def confirmed_accounts(file: CreditFile) -> Found:
    """Accounts that more than one source reports."""
    told = zip(file.lines, file.once(_sources), strict=True)
    return counted([line for line, sources in told if len(sources) > 1])


def seasoned_accounts(file: CreditFile, *, months: int) -> Found:
    """Accounts of which at least so many months are known."""
    return counted(
        [past.line for past in file.history[ANY_ACCOUNT].pasts if len(past.told) >= months]
    )


def months_known(file: CreditFile, *, months: int) -> Found:
    """Calendar months of the window about which any account says something."""
    known = [ago for ago in file.history[ANY_ACCOUNT].told if ago < months]
    return Found(len(known), file.window[ANY_ACCOUNT, months].telling)


def stale_accounts(file: CreditFile, *, months: int) -> Found:
    """Open accounts whose newest figures are at least so many months old."""
    newest = month_number(file.today) - months
    return counted([line for line in file.open_lines if month_number(line.as_of) <= newest])


def days_since_reported(file: CreditFile) -> Found:
    """Days since the newest figures of any open account."""
    if not file.open_lines:
        return nothing("no_account")
    newest = max([line.as_of for line in file.open_lines])
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
