"""gateway.supplies: a source whose way to the lender is not lawful stops the start."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from consent.errors import ConfigError
from gateway import settings
from gateway.wiring import assemble, create

ROOT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROUTE = 'route = "licensed_bureau:sandbox"\n'
LICENCE = (
    'license = { type = "personal_credit_reporting", number = "SANDBOX-LICENCE-3", '
    "valid_to = 2099-12-31 }\n"
)
DELIVERS = 'delivers = ["inquiries", "public_records", "behaviour"]\n'
BAIRONG = ROUTE + LICENCE + DELIVERS


def secrets_of(loaded: settings.Settings) -> dict[str, str]:
    """Something for every variable the configuration names."""
    asked = {name: "x" for one in loaded.sources.values() for name in one.secrets.values()}
    return asked | {
        name: f"whsec_{source.encode().hex():A<32}"
        for source, one in loaded.pushed.items()
        for name in one.secrets.values()
    }


async def start(folder: Path, old: str, new: str, name: str = "gateway.toml") -> None:
    """Start a gateway in whose configuration `old` is `new`."""
    config = Path(shutil.copytree(ROOT / "config", folder / "config"))
    text = (config / name).read_text()
    assert old in text
    (config / name).write_text(text.replace(old, new))
    loaded = settings.load(config, data=folder / "data")
    create(loaded)
    async with assemble(loaded, secrets=secrets_of(loaded), clock=lambda: NOON):
        pass


async def test_the_shipped_sources_may_be_asked(tmp_path: Path) -> None:
    """The demo starts under the same rules as everybody."""
    await start(tmp_path, BAIRONG, BAIRONG)


def on(route: str) -> str:
    return BAIRONG.replace("licensed_bureau:sandbox", route)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (on("platform:acme"), "断直连.*instead: platform, licensed bureau, lender"),
        (on("direct_public"), "inquiries may not come.*art. 13"),
        (BAIRONG.replace("2099-12-31", "2026-02-28"), "license ended with 2026-02-28 .*art. 4, 5"),
        (BAIRONG.replace("2099-12-31", "9999-12-31"), "license.valid_to.*less than 9000-01-01"),
        (BAIRONG.replace("2099-12-31", "9000-01-01"), "license.valid_to.*less than 9000-01-01"),
        (BAIRONG.replace("personal_credit_reporting", "retail"), "license.type is"),
        (ROUTE + DELIVERS, "needs a license of type personal_credit_reporting or state_database"),
        (
            BAIRONG.replace('"inquiries"', '"scores"'),
            'delivers = ."behav.*records". is what the conn',
        ),
        (on("bought"), "one of direct_public, licensed_bureau:<id>"),
        (LICENCE, "declare how the data comes"),
    ],
)
async def test_an_unlawful_way_stops_the_start(tmp_path: Path, changed: str, said: str) -> None:
    """The message names the source, the article and what would be right; nobody was asked yet."""
    with pytest.raises(ConfigError, match=rf"sources.bairong.*{said}"):
        await start(tmp_path, BAIRONG, changed)


def _northstar() -> str:
    """The worked example of a source without code, as its page has it."""
    page = (ROOT / "docs" / "sources" / "declarative.md").read_text()
    return page.partition("```toml\n")[2].partition("```")[0]


async def test_a_source_without_code_starts_from_configuration_alone(tmp_path: Path) -> None:
    """Its page says what to write; nobody has to touch the code."""
    config = Path(shutil.copytree(ROOT / "config", tmp_path / "config"))
    with (config / "gateway.toml").open("a") as file:
        file.write("\n" + _northstar())
    place = config / "jurisdictions" / "cn.toml"
    place.write_text(
        place.read_text().replace('sources = ["pboc"', 'sources = ["northstar", "pboc"')
    )
    loaded = settings.load(config, data=tmp_path / "data")
    create(loaded)

    async with assemble(loaded, secrets=secrets_of(loaded), clock=lambda: NOON) as services:
        assert services.connectors["northstar"].scopes == loaded.sources["northstar"].delivers


@pytest.mark.parametrize(
    ("kind", "said"),
    [("declarative", "it has code of its own"), ("os.system", "built_in")],
)
async def test_configuration_names_no_other_code(tmp_path: Path, kind: str, said: str) -> None:
    """A mapping in the place of reviewed code, or a module by name, stops the start."""
    with pytest.raises(ConfigError, match=rf"sources.bairong.*{said}"):
        await start(tmp_path, BAIRONG, f'kind = "{kind}"\n{BAIRONG}')


async def test_an_auditor_needs_no_licence(tmp_path: Path) -> None:
    """Whoever only reads the log is not locked out by the licence of a bureau."""
    loaded = settings.load(data=tmp_path)
    create(loaded)

    async with assemble(loaded, secrets=None, clock=lambda: datetime(2200, 1, 1, tzinfo=UTC)):
        pass


async def test_a_source_no_place_lists_is_told_where(tmp_path: Path) -> None:
    """征信业管理条例 art. 24: what no jurisdiction lists could never be asked."""
    with pytest.raises(ConfigError, match=r"sources.bairong: no jurisdiction .*cn\.toml"):
        await start(tmp_path, '"bairong", ', "", "jurisdictions/cn.toml")


async def test_a_licence_may_last_as_long_as_days_are_counted(tmp_path: Path) -> None:
    """The day after its last one is a day, too: that is when it refuses."""
    await start(tmp_path, BAIRONG, BAIRONG.replace("2099-12-31", "8999-12-31"))


def test_a_licence_that_ends_later_refuses_from_that_instant() -> None:
    """Nobody restarts a gateway at midnight: what is decided knows the end of every licence."""
    law = settings.load(ROOT / "config").jurisdictions["CN"]

    assert law.licensed_until["bairong"] == datetime(2099, 12, 31, 16, tzinfo=UTC)
    assert "app_logins" not in law.licensed_until
