"""restricted_purpose by a bureau's business type: PBOC's message about a life to the signal."""

import re
from base64 import b64decode
from dataclasses import replace
from datetime import date
from typing import Any

from connectors.sandbox import bureaus
from connectors.sandbox.facts import Row, Stage
from connectors.sandbox.lenders import PBOC
from connectors.sandbox.products import MARGIN
from gateway.profile import SignalResult, SignalState
from tests.connectors.test_sources_read_the_sandbox import WORLD, rendered
from tests.gateway.test_contribution_signals import PUSHED, observed, profile_of, signal

FIRED, QUIET, UNDECIDED = SignalState
MARGIN_LIFE = WORLD.persona("margin-trader")
(MARGIN_LOAN,) = (one for one in MARGIN_LIFE.accounts if one.product == MARGIN)


def by_bureau(**changed: Any) -> tuple[SignalResult, bytes]:
    """The signal of the margin trader, whose loan is as `changed` says, and PBOC's report."""
    loan_of = replace(MARGIN_LOAN, **changed)
    accounts = tuple(loan_of if one is MARGIN_LOAN else one for one in MARGIN_LIFE.accounts)
    fires = MARGIN_LIFE.fires if loan_of.product == MARGIN else frozenset()
    one = replace(MARGIN_LIFE, accounts=accounts, fires=fires)
    got = signal("restricted_purpose", profile_of(one, (PBOC, *PUSHED)))
    sent = re.search(rb"<ReportMessage>(.*)</ReportMessage>", rendered(PBOC, one))
    assert sent is not None
    return got, b64decode(sent[1])


def test_a_margin_account_of_a_life_fires() -> None:
    """Business type 63 of list A.20, of a securities firm (31 of A.18), and nothing declared."""
    got, report = by_bureau()
    (seen,) = (
        one
        for one in bureaus.accounts(MARGIN_LIFE, PBOC)
        if one.account.number == MARGIN_LOAN.number
    )

    assert report.count(b"<PD01AD03>63</PD01AD03>") == 1
    assert report.count(b"<PD01AD02>31</PD01AD02>") == 1
    assert (got.state, got.grounds) == (FIRED, ("securities_account",))
    assert observed(got)["restricted_uses_declared"] == 0
    assert observed(got)["restricted_uses_observed"] == 0
    (basis,) = got.basis
    profile = profile_of(MARGIN_LIFE, (PBOC,))
    assert profile.tradelines is not None
    (line,) = (one for one in profile.tradelines.lines if basis in one.records)
    assert [ref.value for ref in line.account_refs] == [seen.ref]
    assert line.product is not None
    assert line.product.value == "margin_trading"
    assert basis in line.product.basis


def test_a_consumer_loan_of_the_same_firm_is_quiet() -> None:
    """It is the business type that tells, not who lends: 91, any other consumer loan."""
    got, report = by_bureau(product="consumer")

    assert b"<PD01AD03>63</PD01AD03>" not in report
    assert b"<PD01AD02>31</PD01AD02>" in report
    assert (got.state, observed(got)["securities_accounts"]) == (QUIET, 0)


def test_a_margin_account_paid_back_is_over() -> None:
    """Closed last month: the message tells of it still, and it warns of nothing."""
    last = MARGIN_LOAN.rows[-1]
    closed = Row(last.month, 0, last.due, last.paid, stage=Stage.CLOSED)
    ended = date(last.month.year, last.month.month, MARGIN_LOAN.due_day)
    got, report = by_bureau(rows=(*MARGIN_LOAN.rows[:-1], closed), ended=ended)

    assert b"<PD01AD03>63</PD01AD03>" in report
    assert got.state is QUIET
