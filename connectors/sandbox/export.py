"""A population as files: what every source says of everybody, and what is so.

Under the directory, in shards of 250 borrowers:
  world.json                            what the world was made from: seed, day, noise and its rates
  truth/000049.jsonl                    one line for each borrower (`truth_line` says what is in it)
  payloads/pboc/000049/000012345.d102   the answer about one borrower as sent; no file, no hit
  pushes/000049.jsonl                   what the lender's own platform pushes about them, in order

A shard depends on nothing but the world, so any number of processes can write them side by side
and no more than one life is held at a time.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import orjson

from connectors.sandbox import alarms, bureaus, truth
from connectors.sandbox.alarms import Say
from connectors.sandbox.facts import CHINA, Life
from connectors.sandbox.households import household
from connectors.sandbox.lenders import PBOC
from connectors.sandbox.render import platform
from connectors.sandbox.wire import SOURCES, answer
from connectors.sandbox.world import World

FORMAT = "creditgate-sandbox/2"
SHARD = 250
"""Borrowers in one directory."""


def answered_at(world: World) -> datetime:
    """Noon in China on the last day of the lives: when all sources were asked."""
    today = world.today
    return datetime(today.year, today.month, today.day, 12, tzinfo=CHINA)


def prepare(world: World, directory: Path) -> None:
    """Say in `world.json` what the files will be made from; the directory exists by then."""
    manifest = {
        "format": FORMAT,
        "seed": world.seed,
        "today": world.today.isoformat(),
        "answered_at": answered_at(world).isoformat(),
        "borrowers": world.size,
        "staged": world.staged,
        "noise": {"level": world.noise.name} | world.noise.rates(),
        "sources": SOURCES,
    }
    (directory / "world.json").write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))


def shards(world: World) -> range:
    """The numbers of the shards."""
    return range(-(-world.size // SHARD))


def write(world: World, directory: Path, shard: int) -> int:
    """Write one shard; how many borrowers it holds. Writing it again writes the same bytes."""
    at, name = answered_at(world), f"{shard:06d}"
    folders = {source: directory / "payloads" / source / name for source in SOURCES}
    for folder in (*folders.values(), directory / "truth", directory / "pushes"):
        folder.mkdir(parents=True, exist_ok=True)
    first, last = shard * SHARD, min((shard + 1) * SHARD, world.size)
    with (
        (directory / "truth" / f"{name}.jsonl").open("wb") as lines,
        (directory / "pushes" / f"{name}.jsonl").open("wb") as pushed,
    ):
        for index in range(first, last):
            life = world.life(index)
            for source, body in answers(world, life, at):
                (folders[source] / file_name(source, index)).write_bytes(body)
            pushed.writelines(push_lines(life))
            lines.write(orjson.dumps(truth_line(world, life), option=orjson.OPT_APPEND_NEWLINE))
    return last - first


def answers(world: World, life: Life, at: datetime) -> Iterator[tuple[str, bytes]]:
    """What each source that has a file says, by source."""
    for source in SOURCES:
        body = answer(world, life, source, at)
        if body is not None:
            yield source, body


def push_lines(life: Life) -> Iterator[bytes]:
    """Each push about a borrower as one line: its source, its webhook id, its body."""
    for source, id_, body in platform.pushes(life):
        line = {"source": source, "webhook_id": id_, "body": orjson.Fragment(body)}
        yield orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def file_name(source: str, index: int) -> str:
    """PBOC's frame is neither XML nor JSON; everybody else's answer is JSON."""
    return f"{index:09d}.{'d102' if source == PBOC else 'json'}"


def truth_line(world: World, life: Life) -> dict[str, object]:
    """What is so about one borrower.

    `answers` tells for each source that has a file whom its answer is `about` (the index of a
    borrower; `wrong` says how it came to be another). `accounts` are those of the life, each with
    the `records` under which bureaus list it: two records under one account are one loan.
    `signals` are those that must `fire`, those that must be `quiet`, and by name what decides on
    those that are `borderline` (`alarms`). `piled` are small loans on unpaid ones (`truth.Piled`).
    """
    person, home = life.person, household(life.seed, life.index, life.noise)
    opened = {s: world.opened(life, s) for s in SOURCES if bureaus.knows(life, s)}
    records = truth.same_account(life)
    alarm = alarms.signals(life)
    said = {say: sorted(name for name, one in alarm.items() if one.say is say) for say in Say}
    return {
        "index": life.index,
        "temperament": life.temperament,
        "persona": life.persona,
        "person": {
            "name": person.name,
            "id_number": person.id_number,
            "mobile": person.mobile,
            "born": person.born.isoformat(),
            "twin": home.twin,
            "spouse": home.spouse,
        },
        "answers": {
            source: {"about": file.life.index, "wrong": file.form}
            for source, file in opened.items()
        },
        "accounts": [
            {
                "number": account.number,
                "lender": account.lender.code,
                "kind": account.kind,
                "opened": account.opened.isoformat(),
                "ended": account.ended and account.ended.isoformat(),
                "sold_from": account.origin,
                "records": records[account.number],
            }
            for account in life.accounts
        ],
        "signals": {
            "fire": said[Say.FIRE],
            "quiet": said[Say.QUIET],
            "borderline": {name: alarm[name].why for name in said[Say.BORDERLINE]},
        },
        "piled": truth.piled(life),
    }
