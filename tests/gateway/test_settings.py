"""gateway.settings: what is wrong stops the start, and says where."""

import shutil
from pathlib import Path

import pytest

from connectors.normalise import codes
from consent.errors import ConfigError
from gateway import settings

CONFIG = Path(__file__).resolve().parents[2] / "config"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A copy of the shipped configuration to spoil."""
    return Path(shutil.copytree(CONFIG, tmp_path / "config"))


def edit(config: Path, name: str, old: str, new: str) -> None:
    path = config / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_shipped_configuration_is_right(config: Path) -> None:
    """Every source of it may be asked under the law of its place and for some purpose."""
    loaded = settings.load(config)

    for name in loaded.sources:
        assert loaded.purposes.codes_for(name)
        assert any(name in place.sources for place in loaded.jurisdictions.values())


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("gateway.toml", "port = 8600", "prot = 8600", "gateway.prot"),
        ("gateway.toml", "timeout_s = 6.0", "timeout_s = 0", "sources.pboc.timeout_s"),
        ("gateway.toml", "[gateway]", "[gateway", "not TOML"),
        ("purposes.toml", "legal_basis", "legal_bases", "legal_bases"),
        ("jurisdictions/cn.toml", "article", "artikel", "artikel"),
        ("merge.toml", "version", "versoin", "versoin"),
        ("person/cn.toml", "match = ", "macth = ", "macth"),
        ("person/cn.toml", 'jurisdiction = "CN"', 'jurisdiction = "AU"', "jurisdiction = 'CN'"),
        ("plans/origination.toml", '"pboc"', '"bpoc"', "no source bpoc; known: baihang"),
        ("plans/origination.toml", "deadline_ms = 8_000", "deadline_ms = 90_000", "at most 30000"),
        ("plans/origination.toml", '"origination"', '"account_review"', "there is a plan"),
    ],
)
def test_an_unknown_or_wrong_key_is_named(
    config: Path, name: str, old: str, new: str, said: str
) -> None:
    """A typo in a threshold must not silently mean the default."""
    edit(config, name, old, new)

    with pytest.raises(ConfigError, match=said):
        settings.load(config)


def test_a_missing_file_is_named(config: Path) -> None:
    """The message says which, not only that."""
    (config / "signals.toml").unlink()

    with pytest.raises(ConfigError, match=r"signals\.toml"):
        settings.load(config)


def test_the_digest_is_of_everything_read(config: Path) -> None:
    """A changed threshold is another configuration in every audit entry; a new port is too."""
    before = settings.load(config).digest
    edit(config, "gateway.toml", "port = 8600", "port = 8601")

    assert settings.load(config).digest != before
    assert settings.load(CONFIG).digest == before


def test_a_changed_code_table_is_another_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a code means decides what a profile says."""
    before = settings.load(CONFIG).digest
    monkeypatch.setattr(codes, "contents", lambda: {"pboc.csv": b"changed"})

    assert settings.load(CONFIG).digest != before


@pytest.mark.parametrize(
    ("asked_ms", "planned_ms", "gets_s"),
    [
        (None, None, 0.5), (None, 800, 0.8), (300, 800, 0.3), (300, None, 0.3),
        (9_000, None, 2.0), (None, 9_000, 2.0),
    ],
)  # fmt: skip
def test_whose_word_the_deadline_is(
    asked_ms: int | None, planned_ms: int | None, gets_s: float
) -> None:
    """The caller's, else the plan's, else the configured one; never beyond the operator's."""
    loaded = settings.load(CONFIG)
    limits = {"deadline_default_ms": 500, "deadline_max_ms": 2_000}
    gateway = loaded.gateway.model_copy(update=limits)
    plan = next(iter(loaded.plans.values())).model_copy(update={"deadline_ms": planned_ms})

    assert gateway.deadline_s(asked_ms, plan if planned_ms else None) == gets_s
