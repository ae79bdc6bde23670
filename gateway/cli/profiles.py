"""`creditgate profile`: pull and show at the terminal."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import orjson
import typer

from consent.errors import InvalidInput, NotFound
from consent.subject import Scope, SubjectRef
from gateway.cli import explain_page, history_page
from gateway.cli.page import draw
from gateway.cli.session import (
    Json,
    about_person,
    in_utc,
    options,
    out,
    run,
    services,
    show_json,
)
from gateway.pipeline import allowed
from gateway.plans import Plan, find
from gateway.reply import Reply
from gateway.requests import ExplainRequest, HistoryRequest, PullRequest, ReadRequest
from gateway.sections import SECTIONS
from gateway.services import Services
from gateway.settings import Settings

AsOf = Annotated[
    datetime | None, typer.Option(help="As known at this instant (UTC, or with its offset).")
]

app = typer.Typer(help="Profiles: pull, show, history, explain.", no_args_is_help=True)


@app.command()
def pull(
    context: typer.Context,
    consent: Annotated[UUID, typer.Argument(help="The consent to pull under; it names the rest.")],
    *,
    plan: Annotated[str | None, typer.Option(help="Whom to ask for what, by a plan.")] = None,
    source: Annotated[list[str] | None, typer.Option(help="Only these of its sources.")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="Only these of its scopes.")] = None,
    max_age_s: Annotated[
        int | None, typer.Option(help="Let an answer this old stand in (0: never).", min=0)
    ] = None,
    deadline_ms: Annotated[
        int | None, typer.Option(help="All the time there is, up to what is configured.", min=100)
    ] = None,
    attributes: Annotated[str | None, typer.Option(help="Catalogue, such as core/1.")] = None,
    json: Json = False,
) -> None:
    """Ask the sources of a consent and show the merged profile."""
    call = options(context, json=json)

    async def work() -> Reply:
        settings = call.settings()
        trail = call.trail(settings)
        async with (
            services(settings, sources=True) as gateway,
            about_person(gateway, trail, "profile pull"),
        ):
            found = gateway.read(lambda conn: gateway.ledger.load(conn, call.member, consent))
            if found is None:
                raise NotFound("no such consent of this member")
            grant = found.grant
            if plan and (source or scope):
                raise InvalidInput("--plan", "either --plan, or --source and --scope")
            by = find(settings.plans, plan, field="--plan") if plan else None
            unknown = set(source or ()) - grant.sources
            if unknown:
                raise InvalidInput("--source", f"among {', '.join(sorted(grant.sources))}")
            return await gateway.pipeline.pull(
                PullRequest(
                    trail=trail,
                    subject=grant.subject,
                    name=gateway.vault.pseudonym(call.member, grant.subject),
                    purpose=grant.purpose,
                    consent=grant.id,
                    sources=by.sources if by else tuple(sorted(source or grant.sources)),
                    scopes=_asked(by, scope, grant.scopes),
                    sections=SECTIONS["full"],
                    identified=True,
                    max_age_s=(by.max_age_s if by else 0) if max_age_s is None else max_age_s,
                    deadline_s=settings.gateway.deadline_s(deadline_ms, by),
                    plan=by,
                    attribute_set=_catalogue(settings, attributes, by),
                )
            )

    _show(run(work), as_json=call.json)


@app.command()
def show(
    context: typer.Context,
    subject: Annotated[UUID, typer.Argument(help="Our reference of the subject.")],
    purpose: Annotated[str, typer.Option(help="What for; a consent of today must cover it.")],
    *,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """The newest stored profile of a subject, or the one known at a past instant."""
    call = options(context, json=json)

    async def work() -> Reply:
        settings = call.settings()
        ref, trail = SubjectRef(subject), call.trail(settings)
        async with (
            services(settings) as gateway,
            about_person(gateway, trail, "profile show"),
        ):
            return await gateway.pipeline.read(
                ReadRequest(
                    trail=trail,
                    subject=ref,
                    name=gateway.vault.pseudonym(call.member, ref),
                    purpose=purpose,
                    sections=SECTIONS["full"],
                    identified=True,
                    as_of=_instant(gateway, as_of),
                )
            )

    _show(run(work), as_json=call.json)


def _asked(
    plan: Plan | None, names: list[str] | None, granted: frozenset[Scope]
) -> frozenset[Scope]:
    if plan is not None:
        return frozenset(plan.scopes)
    return _scopes(names) if names else granted


@app.command()
def history(
    context: typer.Context,
    subject: Annotated[UUID, typer.Argument(help="Our reference of the subject.")],
    purpose: Annotated[str, typer.Option(help="What for; a consent of today must cover it.")],
    *,
    limit: Annotated[int, typer.Option(help="How many versions.", min=1, max=50)] = 10,
    after: Annotated[UUID | None, typer.Option(help="Go on after this snapshot.")] = None,
    json: Json = False,
) -> None:
    """The versions of a subject's profile, what changed between them and which source told it."""
    call = options(context, json=json)

    async def work() -> Reply:
        settings = call.settings()
        ref, trail = SubjectRef(subject), call.trail(settings)
        async with (
            services(settings) as gateway,
            about_person(gateway, trail, "profile history"),
        ):
            request = HistoryRequest(
                trail=trail,
                subject=ref,
                name=gateway.vault.pseudonym(call.member, ref),
                purpose=purpose,
                sections=SECTIONS["full"],
                identified=True,
                as_of=gateway.clock(),
                after=after,
                limit=limit,
            )
            return allowed(await gateway.recalling.history(request))

    document = orjson.loads(run(work).body)
    if call.json:
        show_json(document)
    else:
        history_page.draw(out, document)


@app.command()
def explain(
    context: typer.Context,
    subject: Annotated[UUID, typer.Argument(help="Our reference of the subject.")],
    path: Annotated[
        str,
        typer.Argument(
            help="JSON Pointer, such as /tradelines/lines/0/balance, /reasons/reasons/R04 or "
            "/attributes/values/total_balance_cny."
        ),
    ],
    purpose: Annotated[str, typer.Option(help="What for; a consent of today must cover it.")],
    *,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Why a value of a stored profile is what it is: its rule, its evidence, who says otherwise."""
    call = options(context, json=json)

    async def work() -> Reply:
        settings = call.settings()
        ref, trail = SubjectRef(subject), call.trail(settings)
        async with (
            services(settings) as gateway,
            about_person(gateway, trail, "profile explain"),
        ):
            request = ExplainRequest(
                trail=trail,
                subject=ref,
                name=gateway.vault.pseudonym(call.member, ref),
                purpose=purpose,
                sections=SECTIONS["full"],
                identified=True,
                as_of=_instant(gateway, as_of),
                path=path,
            )
            return allowed(await gateway.explaining.explain(request))

    document = orjson.loads(run(work).body)
    if call.json:
        show_json(document)
    else:
        explain_page.draw(out, document)


def _instant(gateway: Services, as_of: datetime | None) -> datetime:
    return in_utc(as_of) if as_of else gateway.clock()


def _catalogue(settings: Settings, named: str | None, plan: Plan | None) -> str:
    known = settings.merging.attributes
    named = named or (plan.attributes if plan else None)
    if named is not None and named not in known.by_name:
        raise InvalidInput("--attributes", f"one of {', '.join(sorted(known.by_name))}")
    return named or known.default.catalogue


def _scopes(names: list[str]) -> frozenset[Scope]:
    try:
        return frozenset(Scope(name) for name in names)
    except ValueError:
        raise InvalidInput("--scope", f"one of {', '.join(Scope)}") from None


def _show(reply: Reply, *, as_json: bool) -> None:
    document = orjson.loads(reply.body)
    if as_json:
        show_json(document)
    else:
        draw(out, document)
