"""`edgekit report`: what was measured and proved, as one page, as Markdown or as CSV."""

from pathlib import Path

import click

from edgekit.cli.options import choice_option
from edgekit.cli.output import CONTEXT, Output, output_options
from edgekit.cli.recording import database_option, opened_database, report_recovery

__all__ = ["command"]

_FORMATS = {".html": "html", ".md": "markdown", ".csv": "csv"}
_EPILOG = """\b
Examples:
  edgekit report result.json kws.edgekit -o report.html
  edgekit report monday.json tuesday.json -o report.md
  edgekit report kws.edgekit --format csv
"""


@click.command(context_settings=CONTEXT, epilog=_EPILOG)
@click.argument("items", nargs=-1, required=True, metavar="RESULT|BUNDLE...")
@click.option(
    "-o",
    "--output",
    "path",
    type=click.Path(path_type=Path),
    help="Write the report there; .html, .md and .csv tell the format.  [default: print it]",
)
@choice_option("--format", _FORMATS.values(), "The format, where the file's name does not tell it.")
@database_option
@output_options
def command(
    output: Output,
    items: tuple[str, ...],
    path: Path | None,
    database: Path | None,
    format: str | None,  # noqa: A002 - click passes options by their names
) -> None:
    """Report results, together with the bundles that they are of.

    Each RESULT is a file that `benchmark`, `compare`, `engines` or `profile` wrote, or the id of
    a record. A BUNDLE adds what was proved of its model: parity, the worst layers, operators,
    memory, the fit of devices. Several results stand beside each other. The page needs no
    network and follows the light or dark of the system.
    """
    from edgekit.files import atomic_write, check_output
    from edgekit.reporting import make_report, to_csv, to_html, to_markdown
    from edgekit.reporting.opening import open_items

    form = _format(path, format)
    if path is not None:
        check_output(path)
    opened = opened_database(database)
    try:
        report = make_report(open_items(items, opened))
    finally:
        report_recovery(opened)
    text = {"html": to_html, "markdown": to_markdown, "csv": to_csv}[form](report)
    if path is None:
        output.text({"format": form, "report": text}, text)
        return
    atomic_write(path, text)
    written = {"format": form, "path": str(path), "figures": len(report.figures)}
    sections = ", ".join(section.title for section in report.sections)
    output.text(written, f"{path} written: {sections}\n")


def _format(path: Path | None, asked: str | None) -> str:
    told = None if path is None else _FORMATS.get(path.suffix.lower())
    if path is not None and told is None and asked is None:
        raise click.UsageError(
            f"'{path.name}' does not tell the format: end it in {', '.join(_FORMATS)}, "
            "or give --format."
        )
    if path is not None and None not in (told, asked) and told != asked:
        raise click.UsageError(f"'{path.name}' is a name for {told}, --format asks for {asked}.")
    return asked or told or "markdown"
