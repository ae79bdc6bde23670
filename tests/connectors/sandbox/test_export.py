"""connectors.sandbox.export: the same world, the same files, however large and however split."""

import hashlib
import tracemalloc
from datetime import date
from functools import lru_cache
from pathlib import Path

import orjson
import pytest

from connectors.sandbox import alarms, bureaus, export, truth
from connectors.sandbox import world as worlds
from connectors.sandbox.noise import DEFAULT, HEAVY, NONE, Noise
from connectors.sandbox.personas import SIGNALS
from connectors.sandbox.render import platform
from connectors.sandbox.render.pboc import report as pboc
from connectors.sandbox.wire import SOURCES
from connectors.sandbox.world import World

TODAY = date(2026, 3, 15)


def world(seed: int = 3, noise: Noise = DEFAULT, size: int = 22) -> World:
    return World(seed=seed, today=TODAY, size=size, noise=noise, staged=0.05)


def digest(one: World, directory: Path) -> str:
    """Of every file and its place, after writing all shards."""
    directory.mkdir()
    export.prepare(one, directory)
    for shard in export.shards(one):
        export.write(one, directory, shard)
    total = hashlib.sha256()
    for path in sorted(path for path in directory.rglob("*") if path.is_file()):
        total.update(str(path.relative_to(directory)).encode() + path.read_bytes())
    return total.hexdigest()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The digest of `world()`."""
    return digest(world(), tmp_path_factory.mktemp("export") / "a")


def test_the_same_seed_writes_the_same_bytes(written: str, tmp_path: Path) -> None:
    """A truth table is worth nothing beside payloads of another day."""
    assert digest(world(), tmp_path / "b") == written


@pytest.mark.parametrize("other", [world(seed=4), world(noise=HEAVY)], ids=["seed", "noise"])
def test_another_world_writes_other_bytes(other: World, written: str, tmp_path: Path) -> None:
    """A seed that changed nothing would test one population again and again."""
    assert digest(other, tmp_path / "b") != written


def test_shards_are_the_world_cut_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any number of processes may write; nobody is written twice and nobody is left out."""
    monkeypatch.setattr(export, "SHARD", 5)
    one = world()
    counts = [export.write(one, tmp_path, shard) for shard in reversed(export.shards(one))]
    lines = [
        orjson.loads(line)
        for path in sorted((tmp_path / "truth").iterdir())
        for line in path.read_bytes().splitlines()
    ]

    assert counts == [2, 5, 5, 5, 5]
    assert [line["index"] for line in lines] == list(range(22))


def test_a_file_for_every_source_that_knows_the_person(tmp_path: Path) -> None:
    """What is missing is a no-hit, and the truth says so as well."""
    one = world()
    export.write(one, tmp_path, 0)
    lines = (tmp_path / "truth" / "000000.jsonl").read_bytes().splitlines()
    for life, line in zip(one.lives(), lines, strict=True):
        known = {source for source in SOURCES if bureaus.knows(life, source)}
        written = {
            source
            for source in SOURCES
            if (
                tmp_path / "payloads" / source / "000000" / export.file_name(source, life.index)
            ).is_file()
        }

        assert written == known == orjson.loads(line)["answers"].keys()


def test_every_line_says_what_each_signal_should_say(tmp_path: Path) -> None:
    """Not only of personas: each of the eight stands once, and a borderline says what decides."""
    one = world()
    export.write(one, tmp_path, 0)
    lines = (tmp_path / "truth" / "000000.jsonl").read_bytes().splitlines()
    for life, line in zip(one.lives(), map(orjson.loads, lines), strict=True):
        said, piled = line["signals"], truth.piled(life)

        assert sorted([*said["fire"], *said["quiet"], *said["borderline"]]) == sorted(SIGNALS)
        assert {
            name: (say, tuple(why))
            for name, (say, why) in {
                **dict.fromkeys(said["fire"], ("fire", ())),
                **dict.fromkeys(said["quiet"], ("quiet", ())),
                **{name: ("borderline", why) for name, why in said["borderline"].items()},
            }.items()
        } == {name: (alarm.say, alarm.why) for name, alarm in alarms.signals(life).items()}
        assert all(said["borderline"].values())
        assert line["piled"] == {"loans": piled.loans, "lent": piled.lent, "owed": piled.owed}


def test_what_is_pushed_is_written_as_it_is_sent(tmp_path: Path) -> None:
    """Whoever signs these bodies and posts them has pushed what the demo pushes."""
    one = world()
    export.write(one, tmp_path, 0)
    pushed = (tmp_path / "pushes" / "000000.jsonl").read_bytes()
    written = [
        (line["source"], line["webhook_id"], orjson.dumps(line["body"]))
        for line in map(orjson.loads, pushed.splitlines())
    ]

    assert written == [push for life in one.lives() for push in platform.pushes(life)]


@pytest.fixture
def few_lives_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last eight only, and their reports, so that what is held is full before long."""
    for module, name in ((worlds, "_life"), (pboc, "_content")):
        made = getattr(module, name).__wrapped__
        monkeypatch.setattr(module, name, lru_cache(maxsize=8)(made))


@pytest.mark.usefixtures("few_lives_kept")
def test_memory_stays_flat_while_a_population_streams() -> None:
    """A million lives pass through; what is held is the cache of the last, however many came."""
    one = World(seed=3, today=TODAY, size=1_000_000, noise=NONE)
    tracemalloc.start()
    held = []
    for index in range(6 * 8):
        one.life(index * 3001)
        held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()

    assert held[-1] < 3 * held[7]  # with every life kept it would be six times


@pytest.mark.slow
@pytest.mark.usefixtures("few_lives_kept")
def test_memory_stays_flat_while_every_source_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same with all files: a life leaves less than 30 kB behind, of some 300."""
    monkeypatch.setattr(export, "SHARD", 25)
    one = World(seed=3, today=TODAY, size=8 * export.SHARD, noise=HEAVY)
    tracemalloc.start()
    held = []
    for shard in export.shards(one):
        export.write(one, tmp_path, shard)
        held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()

    assert held[-1] - held[1] < 6 * export.SHARD * 30_000
