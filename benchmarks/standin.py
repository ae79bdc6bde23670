"""Sources that cost next to nothing: the sandbox's own answers, recorded at start and replayed.

The sandbox simulates a life for every call and would be the bottleneck of any comparison. This
process renders each borrower once, in every source's wire format, and then only looks up bytes.
`POST /delay?ms=20` makes every later answer take that long. Run by `benchmarks.gateway`.
"""

import asyncio
import re
import sys
from dataclasses import dataclass
from datetime import date
from statistics import fmean

import orjson
from aiohttp import web

from benchmarks import wire
from benchmarks.processes import serve_app
from connectors.sandbox.desks import Desk
from connectors.sandbox.world import World
from consent.clock import utc_now

_WHO = re.compile(rb'<IDNum>(\w+)<|"(?:pid|id)": ?"(\w+)"')


@dataclass(slots=True)
class Recording:
    """Answers by source path and id number; all take `delay_s`."""

    answers: dict[tuple[str, bytes], tuple[bytes, str]]
    delay_s: float = 0.0

    async def answer(self, request: web.Request) -> web.Response:
        """What the sandbox said when it was asked this about this borrower."""
        asked = _WHO.search(await request.read())
        assert asked is not None
        body, content_type = self.answers[request.path, asked[1] or asked[2]]
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        return web.Response(body=body, content_type=content_type)

    async def recorded(self, _request: web.Request) -> web.Response:
        """The mean size of each source's answers, in words."""
        sizes: dict[str, list[int]] = {path: [] for path in wire.PATHS.values()}
        for (path, _), (body, _) in self.answers.items():
            sizes[path].append(len(body))
        means = (f"{fmean(sizes[p]) / 1000:.1f} KB ({source})" for source, p in wire.PATHS.items())
        return web.Response(text=", ".join(means))

    async def set_delay(self, request: web.Request) -> web.Response:
        """From now on."""
        self.delay_s = float(request.query["ms"]) / 1000
        return web.Response()


def record(world: World) -> Recording:
    """Ask the sandbox's desks about everybody."""
    desk = Desk(world, wire.MEMBER)
    answers: dict[tuple[str, bytes], tuple[bytes, str]] = {}
    for who in wire.borrowers(world):
        at = utc_now()
        said = {
            "pboc": desk.pboc(wire.ask_pboc(who), at),
            "baihang": desk.baihang(wire.BAIHANG_AUTH, orjson.dumps(wire.ask_baihang(who)), at),
            "bairong": desk.bairong(orjson.dumps(wire.ask_bairong(who)), at),
        }
        for source, reply in said.items():
            assert reply.status == 200, source  # noqa: PLR2004 - OK
            key = wire.PATHS[source], who.id_number.encode()
            answers[key] = reply.body, reply.content_type
    return Recording(answers)


def main() -> None:
    """`standin SEED SIZE TODAY`: serve the world's recorded answers."""
    seed, size, today = sys.argv[1:]
    recording = record(World(seed=int(seed), today=date.fromisoformat(today), size=int(size)))
    app = web.Application()
    for path in wire.PATHS.values():
        app.router.add_post(path, recording.answer)
    app.router.add_get("/recorded", recording.recorded)
    app.router.add_post("/delay", recording.set_delay)
    serve_app(app)


if __name__ == "__main__":
    main()
