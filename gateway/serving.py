"""Serving the API: one aiohttp site on one event loop."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from consent.errors import ConfigError
from gateway.api.app import make_app
from gateway.services import Services

_SHUTDOWN_S = 10.0  # a pull in flight may end; its consent was used and its footprint left


_YOUNG = 50_000  # objects; a profile is some ten thousand, all gone when the reply has left


def settle_memory() -> None:
    """Spare requests the cost of looking for cycles: a sixth of a merge where it is not called.

    What is loaded now stays loaded, and a full collection would walk it for some 80 ms; the young
    are looked at every 50,000 objects and not every 700, which would be a dozen times a merge.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG)


def cannot_listen(host: str, port: int, error: OSError) -> ConfigError:
    """What to say when nobody can be served there: the port is taken, or the host not ours."""
    why = (error.strerror or str(error)).rpartition(": ")[2]  # the loop repeats the address first
    return ConfigError(f"cannot listen on {host}:{port}: {why}; --port takes another one")


@asynccontextmanager
async def serving(services: Services, *, host: str, port: int) -> AsyncIterator[str]:
    """Serve until the context ends; yields the base URL (port 0 takes a free one).

    `ConfigError` when the address cannot be listened on.
    """
    runner = web.AppRunner(make_app(services), access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as exc:
            raise cannot_listen(host, port, exc) from None
        bound_host, bound_port = runner.addresses[0][:2]
        yield f"http://{bound_host}:{bound_port}"
    finally:
        await runner.cleanup()
