"""What tests of sources share: a synthetic person, an earned permit, a client without a network."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
import respx

from connectors.http import SourceClient
from consent.decision import Grant, Jurisdiction, Permit, State, decide
from consent.identity import Identity
from consent.subject import Ask, Scope, SubjectRef

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def subject() -> Identity:
    """Nobody: region 999999 and a mobile prefix that is not given to subscribers."""
    return Identity("示例甲", "CN_RIC", "999999199001010016", "8610012345678")


@pytest.fixture
def permit_for() -> Callable[..., Permit]:
    """Earn a permit for a source: `permit_for("baihang", purpose="...")`."""

    def earn(source: str, *, purpose: str = "loan_origination") -> Permit:
        who, scopes = SubjectRef(UUID(int=1)), frozenset({Scope.TRADELINES})
        grant = Grant(
            id=UUID(int=2),
            member="lender",
            subject=who,
            state=State.ACTIVE,
            seq=1,
            epoch=1,
            purpose=purpose,
            sources=frozenset({source}),
            scopes=scopes,
            separate_consents=frozenset(),
            consequence_notice=None,
            not_before=NOON - timedelta(days=1),
            expires_at=NOON + timedelta(days=1),
        )
        ask = Ask("lender", who, source, purpose, scopes)
        rules = {"CN": Jurisdiction("CN", sources=frozenset({source}))}
        verdict = decide(grant, ask, at=NOON, rules=rules)
        assert isinstance(verdict, Permit)
        return verdict

    return earn


@pytest.fixture
def router() -> respx.MockRouter:
    """Routes of the far side; an unknown one is an error."""
    return respx.MockRouter(assert_all_called=False)


@pytest.fixture
def client_of(router: respx.MockRouter) -> Callable[[str], SourceClient]:
    """The client of a source at https://source.invalid/base, whose network is `router`."""

    def make(source: str) -> SourceClient:
        return SourceClient(
            source=source,
            http=httpx.MockTransport(router.async_handler),
            url="https://source.invalid/base",
            timeout_s=1.0,
            max_body_bytes=1 << 20,
            clock=lambda: NOON,
        )

    return make
