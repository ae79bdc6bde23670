"""What a source says when it is asked about a person, as bytes: the one place that renders.

`answer` includes what goes wrong in between (`mixups`); the right question is taken for granted,
which is what tells it from `desks`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from connectors.sandbox import bureaus
from connectors.sandbox.desks import PARTNERS, Credentials, filed
from connectors.sandbox.facts import Life
from connectors.sandbox.lenders import BAIHANG, BAIRONG, PBOC, REGION_RISK, TELECOM, XINGTU
from connectors.sandbox.render import baihang, bairong, region_risk, telecom, xingtu
from connectors.sandbox.render.pboc import message
from connectors.sandbox.render.pboc.message import Envelope
from connectors.sandbox.render.pboc.person import Ask
from connectors.sandbox.world import World

Render = Callable[[World, Life, datetime], bytes]


def answer(world: World, life: Life, source: str, at: datetime) -> bytes | None:
    """The body of the answer, made at the instant `at`; None from a source without a file."""
    return _RENDER[source](world, life, at) if bureaus.knows(life, source) else None


def _pboc(world: World, life: Life, at: datetime) -> bytes:
    """As a bank asks before it lends (reason 02)."""
    person, to = life.person, Envelope(_MEMBER.org_code, at)
    ask = Ask(_MEMBER.org_code, "02", person.name, "10", person.id_number)
    opened = world.opened(life, PBOC)
    return message.answer(opened.life, filed(ask, opened), to)


def _bairong(world: World, life: Life, at: datetime) -> bytes:
    order = bairong.Order(
        customer=_MEMBER.bairong_api_code,
        products=bairong.PRODUCTS,
        mobile=life.person.mobile,
    )
    return bairong.answer(world.opened(life, BAIRONG).life, order, at)


def _region_risk(_: World, life: Life, at: datetime) -> bytes:
    return region_risk.answer(life.person.id_number[:6], life.today, at)


def _telecom(_: World, life: Life, at: datetime) -> bytes:
    return telecom.answer(life, life.person.mobile, at)


def _plain(source: str, render: Callable[[Life, datetime], bytes]) -> Render:
    return lambda world, life, at: render(world.opened(life, source).life, at)


_MEMBER = Credentials()
_RENDER: Mapping[str, Render] = MappingProxyType(
    {PBOC: _pboc, BAIHANG: _plain(BAIHANG, baihang.answer), BAIRONG: _bairong}
    | {source: _plain(source, partner.answer) for source, partner in PARTNERS.items()}
    | {REGION_RISK: _region_risk, TELECOM: _telecom}
    | {XINGTU: _plain(XINGTU, xingtu.answer)}
)
SOURCES: tuple[str, ...] = tuple(_RENDER)
"""Every source of the world. Xingtu is in files only: the gateway ships no connector for it."""
