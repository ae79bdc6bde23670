"""gateway.supplies: a source whose way to the lender is not lawful stops the start."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors.data_items import PLACES
from consent.data_items import DataItem
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
BAIRONG = 'url = "http://127.0.0.1:8700/bairong"\n' + ROUTE + LICENCE
DELIVERS = """[sources.bairong.delivers]
inquiries = ["inquiry_summaries"]
public_records = ["enforcement", "public_record_summaries"]
behaviour = ["warning_lists", "behaviour_summaries"]
"""


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
        (
            BAIRONG.replace(LICENCE, ""),
            "needs a license of type personal_credit_reporting or state_database",
        ),
        (on("bought"), "one of direct_public, licensed_bureau:<id>"),
        (BAIRONG.replace(ROUTE, ""), "declare how the data comes"),
    ],
)
async def test_an_unlawful_way_stops_the_start(tmp_path: Path, changed: str, said: str) -> None:
    """The message names the source, the article and what would be right; nobody was asked yet."""
    with pytest.raises(ConfigError, match=rf"sources.bairong.*{said}"):
        await start(tmp_path, BAIRONG, changed)


def delivering(**scopes: str) -> str:
    """The declaration of the source with other items of some scopes; without, for no items."""
    lines = DELIVERS
    for scope, items in scopes.items():
        old = next(line for line in DELIVERS.splitlines() if line.startswith(f"{scope} ="))
        lines = lines.replace(old, f"{scope} = [{items}]")
    return lines


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("", "declare how the data comes.*delivers = { scope = .its data items. }"),
        (delivering(inquiries='"religion"'), "inquiries: religion is of identity"),
        (
            DELIVERS + 'identity = ["religion", "blood_type"]\n',
            r"blood_type, religion may not be collected \(征信业管理条例 art. 14\(1\)\)",
        ),
        (delivering(inquiries='"warning_lists"'), "inquiries: warning_lists is of behaviour"),
        (delivering(inquiries='"applications"'), "inquiries.0: Input should be 'name', 'id_doc"),
        (delivering(inquiries=""), "inquiries: name its items, or leave it out"),
        (DELIVERS.replace("inquiries", "questions"), "delivers.questions"),
        (
            delivering(public_records='"enforcement"'),
            "the connector also delivers public_record_summaries; delivers = ",
        ),
        (
            delivering(public_records='"enforcement"', inquiries='"credit_inquiries"'),
            "not deliver credit_inq.*, .* also delivers inquiry_summ.* = .'inquiry_summaries'., p",
        ),
    ],
)
async def test_items_are_declared_as_they_come(tmp_path: Path, declared: str, said: str) -> None:
    """The operator signs for each item; a wrong word is met with the article or the right list."""
    with pytest.raises(ConfigError, match=rf"sources.bairong.*{said}"):
        await start(tmp_path, DELIVERS, declared)


def test_a_list_of_scopes_is_no_declaration() -> None:
    """Nobody signs for a slice without knowing what is in it."""
    plain = {"route": "own_institution", "delivers": ["behaviour"], "max_body_bytes": 1024}
    with pytest.raises(ValidationError, match="declare how the data comes"):
        settings.PushedConfig.model_validate({**plain, "days": 9, "secrets": {"lender": "A"}})


def test_what_art_14_names_needs_the_notice_and_the_consent_of_its_own() -> None:
    """征信业管理条例 art. 14(2): income and balances are under no scope granted in passing."""
    law = settings.load(ROOT / "config").jurisdictions["CN"]
    for item in (DataItem.INCOME, DataItem.ASSET_BALANCES, DataItem.CONTRIBUTION_BASE):
        rule = law.scopes[item.scope]

        assert (rule.separate_consent, rule.consequence_notice) == ("income_and_assets", True)
        assert "art. 14(2)" in rule.article


def test_what_is_prohibited_has_no_place_in_a_record() -> None:
    """R-03: not even a mapping in configuration can collect it."""
    never = settings.load(ROOT / "config").routes["CN"].prohibited
    assert never is not None

    assert never.items == frozenset(DataItem) - PLACES


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
        assert services.connectors["northstar"].items == loaded.supplies["northstar"].delivers


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
