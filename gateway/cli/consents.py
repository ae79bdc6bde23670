"""`creditgate consent`: grant, show and withdraw at the terminal."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import orjson
import typer
from rich.table import Column, Table
from rich.text import Text

from connectors.sandbox import personas
from connectors.sandbox.world import World
from consent.clock import stamp, utc_now
from consent.errors import InvalidInput, NotFound
from consent.identity import check
from consent.journal import Tx
from consent.ledger import Attempt, Consent
from consent.lifecycle import Event
from gateway.api.checking import checked
from gateway.api.consents import ConsentRequest, view
from gateway.cli.sandbox import today
from gateway.cli.session import Json, fail, options, out, read_json, run, services, show_json

app = typer.Typer(help="Consents: grant, show, withdraw.", no_args_is_help=True)


@app.command()
def example(
    *,
    days: Annotated[int, typer.Option(help="How long it is to last.")] = 30,
    persona: Annotated[
        str, typer.Option(help=f"Who of the sandbox gives it: {', '.join(personas.ORDER)}.")
    ] = "steady",
    seed: Annotated[int, typer.Option(help="The seed of that sandbox.")] = 1,
    json: Json = False,  # noqa: ARG001 - it prints nothing else
) -> None:
    """Print a consent to edit and grant; the person in it lives in the sandbox only."""
    if persona not in personas.ORDER:
        fail(InvalidInput("--persona", f"one of {', '.join(personas.ORDER)}"))
    now = utc_now()
    person = World(seed=seed, today=today()).persona(persona).person
    show_json(
        {
            "subject": {
                "name": person.name,
                "id_type": "CN_RIC",
                "id_number": person.id_number,
                "mobile": person.mobile,
            },
            "consent": terms_example(stamp(now), stamp(now + timedelta(days=days))),
        }
    )


@app.command()
def grant(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="JSON body of POST /v1/consents; - for stdin.")],
    *,
    json: Json = False,
) -> None:
    """Record a consent; see `consent example` for the form."""
    call = options(context, json=json)

    async def work() -> Consent:
        settings = call.settings()
        request = checked(ConsentRequest, orjson.dumps(read_json(file)))
        allowed = settings.gateway.allow_test_identifiers
        identity = check(**request.subject.model_dump(), allow_test_region=allowed)
        trail = call.trail(settings)
        async with services(settings) as gateway:

            def unit(tx: Tx) -> Consent:
                subject = gateway.register.ensure(tx, trail, identity)
                consent = gateway.ledger.record(
                    tx, trail, request.consent, subject, supersedes=request.supersedes
                )
                gateway.register.tell(tx, consent.grant, identity)
                return consent

            return await gateway.journal.commit(unit)

    _show(run(work), as_json=call.json)


@app.command()
def show(context: typer.Context, consent: UUID, *, json: Json = False) -> None:
    """A consent as it stands."""
    call = options(context, json=json)

    async def work() -> Consent:
        async with services(call.settings()) as gateway:
            found = gateway.read(lambda conn: gateway.ledger.load(conn, call.member, consent))
        if found is None:
            raise NotFound("no such consent of this member")
        return found

    _show(run(work), as_json=call.json)


@app.command()
def withdraw(
    context: typer.Context,
    consent: UUID,
    by: Annotated[str, typer.Option(help="Who withdrew it.")] = "subject",
    *,
    json: Json = False,
) -> None:
    """Withdraw at once: no later fetch and no later read, also of a server that runs."""
    call = options(context, json=json)

    async def work() -> Consent:
        settings = call.settings()
        trail = call.trail(settings)
        async with services(settings) as gateway:

            def unit(tx: Tx) -> Attempt:
                return gateway.ledger.apply(tx, trail, consent, Event.WITHDRAW, by=by)

            attempt = await gateway.journal.commit(unit)
        if attempt.error is not None:
            raise attempt.error
        return attempt.consent

    _show(run(work), as_json=call.json)


def terms_example(now: str, until: str) -> dict[str, Any]:
    """Terms that cover every source of the demo for a loan application."""
    return {
        "controller": {
            "id": "lender",
            "name": "Example Consumer Finance",
            "contact": "privacy@lender.invalid",
            "address": "1 Example Road",
        },
        "sources": [
            "pboc", "baihang", "bairong", "tongdun", "housing_fund", "social_insurance",
            "region_risk", "telecom",
            "app_logins", "loan_purposes",
        ],
        "purpose": "loan_origination",
        "scopes": [
            "identity", "tradelines", "inquiries", "public_records", "scores", "contributions",
            "income_and_assets", "behaviour", "region",
        ],
        "separate_consents": ["income_and_assets"],
        "consequence_notice_version": "2026-01",
        "expires_at": until,
        "notice": {"id": "privacy-notice", "version": "2026-01", "lang": "zh", "sha256": "0" * 64},
        "evidence": {
            "method": "e-sign",
            "document_sha256": "0" * 64,
            "channel": "app",
            "time": now,
            "operator": "op-001",
        },
    }  # fmt: skip


def _show(consent: Consent, *, as_json: bool) -> None:
    if as_json:
        show_json(view(consent))
        return
    table = Table("", Column(overflow="fold"), box=None, show_header=False)
    shown_here = {k: v for k, v in view(consent).items() if k != "receipt"}
    for name, value in shown_here.items():
        shown = ", ".join(value) if isinstance(value, list) else str(value)
        table.add_row(Text(name, "dim"), shown)
    out.print(table)
    out.print("The signed receipt is in the --json form.", style="dim")
