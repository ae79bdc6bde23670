"""`creditgate attributes`: what a version of the catalogue means, as a page."""

from typing import Annotated

import typer

from consent.errors import InvalidInput
from gateway.attributes.document import page
from gateway.cli.session import Json, options, show_json


def attributes(
    context: typer.Context,
    version: Annotated[str | None, typer.Argument(help="Such as core/1; else the default.")] = None,
    *,
    json: Json = False,
) -> None:
    """What every attribute means: the page docs/attributes.md is made of."""
    call = options(context, json=json)
    known = call.settings().merging.attributes
    catalogue = known.default if version is None else known.by_name.get(version)
    if catalogue is None:
        raise InvalidInput("version", f"one of {', '.join(sorted(known.by_name))}")
    if call.json:
        definitions = [one.definition() for one in catalogue.attributes]
        show_json(
            {
                "catalogue": catalogue.catalogue,
                "digest": catalogue.digest,
                "attributes": definitions,
            }
        )
    else:
        typer.echo(page(catalogue), nl=False)
