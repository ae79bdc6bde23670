"""`creditgate export-training`: attributes as they were known, for training models."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from consent.audit.catalogue import Trail
from consent.errors import InvalidInput
from consent.ids import uuid7
from gateway.cli.session import Json, err, fail, options, out, run, services, show_json
from gateway.past.training import Export
from gateway.past.training_files import ParquetFile, batches, parquet, points
from gateway.services import Services

_BATCH = 50  # rows that share one commit


def export_training(
    context: typer.Context,
    rows: Annotated[
        Path, typer.Argument(help="CSV, JSONL or Parquet with the columns subject and at.")
    ],
    file: Annotated[Path, typer.Argument(help="The Parquet file to make.")],
    purpose: Annotated[str, typer.Option(help="What for; consents of today must cover it.")],
    *,
    catalogue: Annotated[
        str | None, typer.Option(help="Version of the attributes, such as core/1.")
    ] = None,
    json: Json = False,
) -> None:
    """Write each subject's attributes as they were known at each instant.

    A row is the newest snapshot up to its instant that has the catalogue; what came later does
    not touch it. Rows of an instant to come, or that no consent of today covers, are left out and
    counted by reason. `disputed` tells rows that rest on a record its source marked so. The file is
    whole or not there.
    """
    call = options(context, json=json)
    if file.exists():
        fail(InvalidInput(str(file), "a file that is not there yet"))

    async def work() -> dict[str, object]:
        settings = call.settings()
        settings.purposes.require(purpose, field="--purpose")
        parquet()
        total = sum(1 for _ in points(rows))  # also: a wrong row stops it before anybody is opened
        async with services(settings) as gateway:
            export = _export(gateway, call.trail(settings), purpose, catalogue)
            return await _written(gateway, export, rows, file, total)

    done = run(work)
    if call.json:
        show_json(done)
        return
    out.print(
        f"{done['rows']} rows of {done['asked']} in {file}, sha256 {done['sha256']}",
        soft_wrap=True,
    )
    left_out = done["left_out"]
    if isinstance(left_out, dict):
        for reason, count in left_out.items():
            out.print(f"left out: {count} {reason}")


def _export(gateway: Services, trail: Trail, purpose: str, catalogue: str | None) -> Export:
    known = gateway.settings.merging.attributes
    wanted = known.default if catalogue is None else known.by_name.get(catalogue)
    if wanted is None:
        raise InvalidInput("--catalogue", f"one of {', '.join(sorted(known.by_name))}")
    now = gateway.clock()
    return Export(
        id=uuid7(now),
        at=now,
        trail=trail,
        purpose=purpose,
        catalogue=wanted.catalogue,
        names=tuple(one.name for one in wanted.attributes),
    )


async def _written(
    gateway: Services, export: Export, rows: Path, path: Path, total: int
) -> dict[str, object]:
    left_out: Counter[str] = Counter()
    written = 0
    about = {"export": str(export.id), "catalogue": export.catalogue, "code": gateway.code}
    training = gateway.training
    with _progress() as bar, ParquetFile(path, export.id, export.names, about) as file:
        task = bar.add_task("attributes", total=total)
        for batch in batches(points(rows), _BATCH):
            lines, missing = await training.batch(export, batch)
            file.write(lines)
            written, left_out = written + len(lines), left_out + missing
            bar.advance(task, len(batch))
        digest = file.whole()
        await gateway.journal.commit(
            lambda tx: training.created(tx, export, sha256=digest, rows=written, left_out=left_out)
        )
        file.name()
    return {
        "export": str(export.id),
        "catalogue": export.catalogue,
        "asked": total,
        "rows": written,
        "left_out": dict(sorted(left_out.items())),
        "sha256": digest,
    }


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
    )
