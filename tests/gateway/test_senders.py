"""gateway.senders: who may push is configured, one secret for one member of one source."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from consent.errors import ConfigError
from consent.vault.webhook import Secrets
from gateway.clients import Caller
from gateway.senders import NotSigned, Senders, senders
from gateway.settings import PushedConfig

NOW = datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)
ONE, OTHER, NEXT = (
    "whsec_" + base64.b64encode(f"the secret number {n} of many".encode()).decode() for n in "123"
)
BODY = b'{"subject": {}}'


def configured(**variables: str) -> dict[str, PushedConfig]:
    """A source with these variables, by member."""
    plain = {
        "route": "own_institution",
        "delivers": {"behaviour": ["login_events"]},
        "max_body_bytes": 1024,
        "days": 9,
        "secrets": variables,
    }
    return {"app_logins": PushedConfig.model_validate(plain)}


def pushed(by: Senders, secret: str, *, at: datetime = NOW, now: datetime = NOW) -> Caller:
    """Who it was that signed at `at`, as seen at `now`."""
    moment = at.replace(microsecond=0)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Secrets([secret]).sign(BODY, id_="msg_1", at=moment),
    }
    return by.caller("app_logins", headers, BODY, at=now)


def test_a_secret_says_for_which_member() -> None:
    """Two members share an installation and no data."""
    both = senders(configured(lender="A", other="B"), {"A": ONE, "B": OTHER})

    assert pushed(both, ONE).member == "lender"
    assert pushed(both, OTHER).member == "other"
    assert pushed(both, ONE).roles == frozenset()


def test_both_secrets_are_good_while_one_is_replaced() -> None:
    """The old one goes when it is taken out of the variable."""
    rotating = senders(configured(lender="A"), {"A": f"{NEXT} {ONE}"})
    done = senders(configured(lender="A"), {"A": NEXT})

    assert {pushed(rotating, secret).member for secret in (ONE, NEXT)} == {"lender"}
    assert pushed(done, NEXT).member == "lender"
    with pytest.raises(NotSigned):
        pushed(done, ONE)


@pytest.mark.parametrize(("seconds", "good"), [(300, True), (301, False)])
def test_the_window_is_closed_at_both_ends(seconds: int, good: bool) -> None:  # noqa: FBT001 - a table
    """Three hundred seconds either way, by our clock and no other."""
    known = senders(configured(lender="A"), {"A": ONE})
    whole = NOW.replace(microsecond=0)
    for by in (timedelta(seconds=seconds), timedelta(seconds=-seconds)):
        if good:
            assert pushed(known, ONE, at=whole + by, now=whole).id == "app_logins"
        else:
            with pytest.raises(NotSigned, match="300 s"):
                pushed(known, ONE, at=whole + by, now=whole)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "set the environment variable A"),
        ({"A": ONE}, "set the environment variable B"),
        ({"A": "  ", "B": OTHER}, "set the environment variable A"),
        ({"A": "secret", "B": OTHER}, "A: a secret is whsec_"),
        ({"A": ONE, "B": f"{OTHER} {ONE}"}, "B holds another member's secret"),
    ],
)
def test_a_wrong_set_of_secrets_stops_the_start(environment: dict[str, str], said: str) -> None:
    """Better no gateway than one whose door is open, or opens for the wrong member."""
    with pytest.raises(ConfigError, match=said) as raised:
        senders(configured(lender="A", other="B"), environment)
    assert ONE not in str(raised.value)


def test_without_sources_nobody_pushes() -> None:
    """Work that asks no source needs no secret, and serves nobody."""
    assert senders(configured(lender="A"), None) == Senders({})
