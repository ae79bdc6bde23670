"""Who asked for the subject's reports: how often, how lately, of which type.

What one institution asked on one day is one inquiry, at however many bureaus.
"""

from gateway.attributes.found import Found, Measure, counted, nothing, records
from gateway.creditfile import CreditFile, institution, lender_of
from gateway.selection import ANY_ACCOUNT, HARD, Asked


def inquiries(file: CreditFile, *, days: int, of: Asked = HARD) -> Found:
    """Inquiries of the selection in the window."""
    return counted(file.asked(days, of=of))


def askers(file: CreditFile, *, days: int, of: Asked = HARD) -> Found:
    """Distinct institutions among them; one nobody named is not counted."""
    named = [
        (institution(one.institution, one.lender, one.records), one.records)
        for one in file.asked(days, of=of)
    ]
    known = [(who, evidence) for who, evidence in named if who]
    return Found(len({who for who, _ in known}), tuple([evidence for _, evidence in known]))


def days_since(file: CreditFile, *, of: Asked = HARD) -> Found:
    """Days since the last inquiry of the selection; 0 is today."""
    asked = file.asked_ago[of]
    if not asked:
        return nothing("never_asked")
    last = min([ago for ago, _ in asked])
    return Found(last, records([one for ago, one in asked if ago == last]))


def without_account(file: CreditFile, *, days: int) -> Found:
    """Hard inquiries of the window whose institution opened no account from that day on."""
    unanswered = []
    for ago, one in file.asked_ago[HARD]:
        who = institution(one.institution, one.lender, one.records)
        if ago < days and who and file.once(_last_opened).get(who, ago + 1) > ago:
            unanswered.append(one)
    return counted(unanswered)


def _last_opened(file: CreditFile) -> dict[str, int]:
    """How many days ago each institution last opened an account."""
    opened: dict[str, int] = {}
    for ago, line in file.opened_ago[ANY_ACCOUNT]:
        who = lender_of(line)
        if who:
            opened[who] = min(ago, opened.get(who, ago))
    return opened


MEASURES: tuple[Measure, ...] = (inquiries, askers, days_since, without_account)
