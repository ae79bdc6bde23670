"""`creditgate client`: who may call the API."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from consent.errors import InvalidInput
from consent.journal import Tx
from gateway import clients
from gateway.cli.session import Json, options, out, run, services, show_json
from gateway.clients import Client, NewClient, Role

app = typer.Typer(help="Clients of the API and their keys.", no_args_is_help=True)


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A name a person recognises.")],
    role: Annotated[
        list[str] | None,
        typer.Option(help=f"May be given several times; one of {', '.join(Role)}."),
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Add a client and print its key, this once."""
    call = options(context, json=json)

    async def work() -> NewClient:
        settings = call.settings()
        trail = call.trail(settings)
        roles = _roles(role)

        def unit(tx: Tx) -> NewClient:
            return clients.add(tx, trail, name=name, roles=roles)

        async with services(settings) as gateway:
            return await gateway.journal.commit(unit)

    new = run(work)
    if call.json:
        show_json({"id": new.client.id, "member": new.client.member, "key": new.key})
        return
    out.print(f"client {new.client.id} of {new.client.member}: {name}")
    out.print(Text.assemble("key    ", (new.key, "bold")), soft_wrap=True)
    out.print("It is not stored and cannot be shown again.", style="dim")


@app.command("list")
def listed(context: typer.Context, *, json: Json = False) -> None:
    """All clients of the member."""
    call = options(context, json=json)

    async def work() -> list[Client]:
        async with services(call.settings()) as gateway:
            return gateway.read(lambda conn: clients.listed(conn, call.member))

    found = run(work)
    if call.json:
        show_json([_view(one) for one in found])
        return
    table = Table("id", "name", "roles", "added", "revoked", box=None)
    for one in found:
        revoked = (one.revoked_at or "")[:19]
        table.add_row(one.id, one.name, " ".join(sorted(one.roles)), one.added_at[:19], revoked)
    out.print(table)


@app.command()
def revoke(
    context: typer.Context,
    client: Annotated[str, typer.Argument(help="Its id, as `client list` shows it.")],
    *,
    json: Json = False,
) -> None:
    """End a client at once."""
    call = options(context, json=json)

    async def work() -> Client:
        settings = call.settings()
        trail = call.trail(settings)
        async with services(settings) as gateway:
            return await gateway.journal.commit(lambda tx: clients.revoke(tx, trail, client))

    ended = run(work)
    if call.json:
        show_json(_view(ended))
    else:
        out.print(f"client {ended.id} revoked")


def _roles(names: list[str] | None) -> frozenset[Role]:
    if not names:
        raise InvalidInput("--role", f"at least one of {', '.join(Role)}")
    try:
        return frozenset(Role(name) for name in names)
    except ValueError:
        raise InvalidInput("--role", f"one of {', '.join(Role)}") from None


def _view(one: Client) -> dict[str, object]:
    return {
        "id": one.id,
        "member": one.member,
        "name": one.name,
        "roles": sorted(one.roles),
        "added_at": one.added_at,
        "revoked_at": one.revoked_at,
    }
