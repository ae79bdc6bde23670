"""The import contracts of pyproject.toml: kept by the tree, and each broken by a planted import."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("gateway", "connectors", "consent")

PLANTED = {
    "flow": ("consent/subject.py", "import gateway.reply"),
    "request": ("gateway/profile/__init__.py", "import gateway.pipeline"),
    "floor": ("consent/vault/suites.py", "import consent.ledger"),
    "sources-are-strangers": (
        "connectors/sources/bairong/lists.py",
        "import connectors.sources.pboc",
    ),
    "sandbox-is-no-source": ("connectors/sandbox/life.py", "import connectors.sources.bairong"),
    "mapping-knows-no-source": (
        "connectors/declarative/paths.py",
        "import connectors.sources.pboc",
    ),
    "pure-core": ("gateway/merge/rules.py", "import asyncio"),
    "one-crypto-door": ("connectors/base.py", "import cryptography"),
    "one-door-out": ("connectors/sources/bairong/lists.py", "import httpx"),
}


def verdicts(tree: Path) -> dict[str, bool]:
    """Contract name to kept, as lint-imports reports it for `tree`."""
    done = subprocess.run(  # noqa: S603 - our own tool on our own tree
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=tree,
        env={"PATH": "", "PYTHONPATH": str(tree), "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    found = {}
    for line in done.stdout.splitlines():
        for word, kept in ((" KEPT", True), (" BROKEN", False)):
            if word in line:
                found[line.partition(word)[0]] = kept
    return found


def contracts(tree: Path) -> dict[str, str]:
    """Contract id to name."""
    config = tomllib.loads((tree / "pyproject.toml").read_text())
    return {one["id"]: one["name"] for one in config["tool"]["importlinter"]["contracts"]}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree to plant in."""
    tree = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tree)
    return tree


def test_every_contract_has_a_planted_violation() -> None:
    """A contract nobody has seen fail may be one that cannot."""
    assert contracts(ROOT).keys() == PLANTED.keys()


def test_the_tree_keeps_them_and_each_planted_import_is_noticed(copy: Path) -> None:
    """What the architecture forbids, the build refuses."""
    names = contracts(copy)
    kept = verdicts(copy)
    assert kept == dict.fromkeys(names.values(), True)

    for file, line in PLANTED.values():
        path = copy / file
        path.write_text(f"{path.read_text()}\n{line}\n")
    broken = verdicts(copy)
    assert broken == dict.fromkeys(names.values(), False)
