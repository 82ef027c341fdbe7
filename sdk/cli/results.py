"""`edgekit results`: the recorded results, listed, shown, followed over time, and moved."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edgekit.cli.output import CONTEXT, Output, output_options
from edgekit.cli.recording import database_option, opened_database, report_recovery
from edgekit.cli.results_report import show_record, show_rows, show_trends

if TYPE_CHECKING:
    from edgekit.benchmarks.records import RecordFilter

__all__ = ["command"]

_EPILOG = """\b
Examples:
  edgekit results list --model kws --since 7d
  edgekit results show 3f2a91c4
  edgekit results trend --model kws
  edgekit results export -o results.json
  edgekit results import results.json

`edgekit benchmark` records each result in a database in your data folder, or in the
file that EDGEKIT_RESULTS or --database names.
"""


@click.group(context_settings=CONTEXT, epilog=_EPILOG)
def command() -> None:
    """Find recorded results again: list, show, follow over time, export, import."""


def _filters(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that choose records; they arrive as one ``wanted``."""

    @wraps(function)
    def chosen(
        *args: object,
        kind: str | None,
        model: str | None,
        target: str | None,
        device: str | None,
        since: str | None,
        **kwargs: object,
    ) -> None:
        from edgekit.benchmarks.records import RecordFilter, parse_since

        earliest = parse_since(since) if since is not None else None
        wanted = RecordFilter(kind, model, target, device, earliest)
        function(*args, wanted=wanted, **kwargs)

    options = (
        ("--kind", "Only results of this kind, for example benchmark."),
        ("--model", "Only of the model with this name, or a SHA-256 that begins so."),
        ("--target", "Only on this target, for example host."),
        ("--device", "Only for this device profile."),
        ("--since", "Only from this date on (2026-01-31), or this young (36h, 7d, 2w)."),
    )
    decorated: Callable[..., None] = chosen
    for name, text in reversed(options):
        decorated = click.option(name, help=text)(decorated)
    return decorated


@command.command("list", context_settings=CONTEXT)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=30,
    show_default=True,
    help="At most so many, the newest.",
)
@_filters
@database_option
@output_options
def list_results(output: Output, database: Path | None, wanted: "RecordFilter", limit: int) -> None:
    """List recorded results, newest first."""
    opened = opened_database(database)
    rows = opened.rows(wanted, limit=limit + 1)
    report_recovery(opened)
    more = len(rows) > limit
    output.result(
        [row.to_json() for row in rows[:limit]],
        lambda console: show_rows(console, rows[:limit], opened.path, more=more),
    )


@command.command("show", context_settings=CONTEXT)
@click.argument("result")
@database_option
@output_options
def show(output: Output, database: Path | None, result: str) -> None:
    """Show one result.

    RESULT is the beginning of an id, or the path of a result's .json. With --json, the whole
    document and every raw sample.
    """
    from edgekit.benchmarks.records import open_result

    opened = opened_database(database)
    try:
        record = open_result(result, opened)
    finally:
        report_recovery(opened)
    output.result(record.to_json(), lambda console: show_record(console, record))


@command.command("trend", context_settings=CONTEXT)
@click.option(
    "--figure",
    default="latency",
    show_default=True,
    help="What to follow: the name of a figure that `show` prints, for example energy.",
)
@click.option(
    "--last",
    type=click.IntRange(min=1),
    default=40,
    show_default=True,
    help="So many results of each model, the newest.",
)
@_filters
@database_option
@output_options
def trend(
    output: Output, database: Path | None, wanted: "RecordFilter", figure: str, last: int
) -> None:
    """Follow each model over time.

    Shown is the median latency, or another figure, on each target. A ratio is to the last result
    in the same environment. Where the machine or a version changed, there is a gap, and what
    changed is named. Nothing is judged: `edgekit compare` is for that.
    """
    from edgekit.benchmarks.records import trends

    opened = opened_database(database)
    name = figure.replace(" ", "_")
    try:
        found = trends(opened.rows(wanted), opened.get, figure=name, last=last)
    finally:
        report_recovery(opened)
    output.result(
        [each.to_json() for each in found],
        lambda console: show_trends(console, found, figure=figure),
    )


@command.command("export", context_settings=CONTEXT)
@click.argument("ids", nargs=-1)
@click.option(
    "-o",
    "--output",
    "path",
    type=click.Path(path_type=Path),
    required=True,
    help="A .json, which `import` takes back, or a .csv with a line for each.",
)
@_filters
@database_option
@output_options
def export(
    output: Output,
    database: Path | None,
    wanted: "RecordFilter",
    ids: tuple[str, ...],
    path: Path,
) -> None:
    """Write results to a .json or .csv.

    Those with IDS, or all that the options choose.
    """
    from edgekit.benchmarks.records import write_csv, write_json

    if path.suffix not in (".json", ".csv"):
        raise click.UsageError(f"'{path}' is neither a .json nor a .csv.")
    opened = opened_database(database)
    try:
        whole = {opened.get(identity).id for identity in ids}
        if path.suffix == ".csv":
            rows = [row for row in opened.rows(wanted) if not ids or row.id in whole]
            count = len(rows)
            write_csv(path, rows)
        else:
            records = [each for each in opened.records(wanted) if not ids or each.id in whole]
            count = len(records)
            write_json(path, records)
    finally:
        report_recovery(opened)
    data = {"path": str(path), "records": count}
    text = f"{path} written, {count} result{'s' * (count != 1)}"
    output.result(data, lambda console: console.print(text, soft_wrap=True))


@command.command("import", context_settings=CONTEXT)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@database_option
@output_options
def import_results(output: Output, database: Path | None, files: tuple[Path, ...]) -> None:
    """Take results over from files.

    FILES are exports, or what `edgekit benchmark -o` wrote. What is recorded already is known by
    its id and taken once. If one file cannot be read, nothing is taken.
    """
    from edgekit.benchmarks.records import read_records

    records = {record.id: record for path in files for record in read_records(path)}
    opened = opened_database(database)
    added = opened.add(*records.values())
    report_recovery(opened)
    known = len(records) - added
    data = {"added": added, "known": known}
    output.result(data, lambda console: console.print(f"{added} added, {known} recorded already"))
