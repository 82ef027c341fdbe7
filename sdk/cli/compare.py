"""`edgekit compare`: is one bundle faster than another, or slower than it was?"""

from pathlib import Path
from typing import Any

import click

from edgekit.cli.measuring_options import pin_option
from edgekit.cli.options import given_options, output_file_option
from edgekit.cli.output import CONTEXT, Output, output_options
from edgekit.cli.recording import Recording, opened_database, recording_options, report_recovery
from edgekit.cli.running import running_options, silent_interpreter

__all__ = ["SLOWER_STATUS", "command"]

SLOWER_STATUS = 3
# What says how bundles run, of which results say already how they ran.
_RUNNING = ("seconds", "inputs", "layout", "pin", "threads", "kernels")

_EPILOG = """\b
Exit status:
  0  compared; with --fail-if-slower: not slower by that much
  1  it could not be compared
  2  the command line is wrong
  3  --fail-if-slower: SECOND is slower by at least that much

\b
Examples:
  edgekit compare old.edgekit new.edgekit
  edgekit compare old.edgekit new.edgekit --seconds 30 --pin 1 -o comparison.json
  edgekit compare old.json new.json --fail-if-slower 5%
  edgekit compare 3f2a91c4 8d01b7a2
"""


def _percentage(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """Return the part of 1 that a text such as ``5%`` stands for."""
    if value is None:
        return None
    number = value.removesuffix("%").strip()
    try:
        percent = float(number)
    except ValueError:
        percent = -1.0
    if not value.endswith("%") or not 0 <= percent < 100:
        raise click.BadParameter(f"'{value}' is no percentage such as 5%", ctx, param)
    return percent / 100


@click.command(context_settings=CONTEXT, epilog=_EPILOG)
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@click.option(
    "--seconds",
    type=click.FloatRange(min=0),
    default=10.0,
    show_default=True,
    help="About how long two bundles run in turns.",
)
@click.option(
    "--threshold",
    callback=_percentage,
    metavar="PERCENT",
    help="Least difference that is called one.  [default: 2% in turns, 3% between results]",
)
@click.option(
    "--fail-if-slower",
    callback=_percentage,
    metavar="PERCENT",
    help="Exit with status 3 if SECOND is slower by at least so much.",
)
@click.option("--force", is_flag=True, help="Compare results that were not made alike.")
@click.option(
    "--inputs",
    multiple=True,
    metavar="[NAME=]PATH",
    help="Samples to run in turn (repeatable): a .npy, a .npz or a picture.  [default: random]",
)
@pin_option
@output_file_option("Write the comparison to this .json.")
@recording_options
@running_options
@output_options
def command(
    output: Output,
    /,
    first: Path,
    second: Path,
    path: Path | None,
    recording: Recording,
    fail_if_slower: float | None,
    **given: Any,
) -> None:
    """Compare the latency of SECOND with that of FIRST.

    Two bundles run in turns in one process, so that both see the same machine; that is recorded.
    Two results of `edgekit benchmark`, by their files or the ids of their records, are compared
    by their windows, if they were made alike. The verdict is that SECOND is faster, slower, or
    that no difference is seen.
    """
    from edgekit.cli.comparison_report import show_comparison
    from edgekit.files import check_output

    if path is not None:
        check_output(path)
    said = ""
    bundles = _are_bundles(first, second)
    for option in given_options(("force",) if bundles else _RUNNING):
        raise click.UsageError(
            f"{option} is for {'results' if bundles else 'bundles'}, these are "
            f"{'bundles, which run alike' if bundles else 'results, which ran already'}."
        )
    if bundles:
        comparison = _compare_bundles(output, first, second, given)
        said = recording.keep(comparison.to_json(), output, kind="comparison")
    else:
        comparison = _compare_results(recording, first, second, given)
    if path is not None:
        comparison.save(path)

    def show(console: Any) -> None:
        show_comparison(console, comparison)
        if path is not None:
            console.print(f"{path} written")
        if said:
            console.print(said)

    output.result(comparison.to_json(), show)
    if fail_if_slower is not None and comparison.is_slower_by(fail_if_slower):
        click.get_current_context().exit(SLOWER_STATUS)


def _are_bundles(first: Path, second: Path) -> bool:
    """Return whether both are bundles, not results; by what is in them, not by their names."""
    from edgekit.benchmarks.records import names_record
    from edgekit.errors import UnreadableFileError

    kinds = []
    for path in (first, second):
        if names_record(str(path)):
            kinds.append(False)
            continue
        try:
            with path.open("rb") as file:
                kinds.append(file.read(2) == b"PK")
        except OSError as error:
            raise UnreadableFileError(path, error.strerror or str(error)) from error
    if kinds[0] != kinds[1]:
        bundle, other = (first, second) if kinds[0] else (second, first)
        raise click.UsageError(
            f"{bundle} is a bundle, {other} is none. Give two bundles, or two results of "
            "edgekit benchmark -o."
        )
    return kinds[0]


def _compare_bundles(output: Output, first: Path, second: Path, given: dict[str, Any]) -> Any:
    from edgekit.benchmarks.comparing import CompareOptions, compare_bundles
    from edgekit.benchmarks.comparing.interleaving import TURNS_THRESHOLD
    from edgekit.bundle import Bundle
    from edgekit.cli.input_files import raw_samples
    from edgekit.cli.progress import ConsoleProgress
    from edgekit.runtime import Kernels

    options = CompareOptions(
        seconds=given["seconds"],
        threads=given["threads"],
        kernels=Kernels(given["kernels"]),
        pin=given["pin"],
    )
    one, other = Bundle.open(first), Bundle.open(second)
    inputs = (
        raw_samples(one.manifest.inputs, given["inputs"], given["layout"]),
        raw_samples(other.manifest.inputs, given["inputs"], given["layout"]),
    )
    threshold = TURNS_THRESHOLD if given["threshold"] is None else given["threshold"]
    with (
        silent_interpreter(output) as stderr,
        ConsoleProgress(output, stream=stderr, between_runs=True) as progress,
    ):
        return compare_bundles(
            one, other, options, inputs=inputs, threshold=threshold, progress=progress
        )


def _compare_results(recording: Recording, first: Path, second: Path, given: dict[str, Any]) -> Any:
    from edgekit.benchmarks.comparing import compare_results
    from edgekit.benchmarks.comparing.results import RESULTS_THRESHOLD
    from edgekit.benchmarks.records import open_benchmark

    database = opened_database(recording.database)
    try:
        results = [open_benchmark(str(each), database) for each in (first, second)]
    finally:
        report_recovery(database)
    return compare_results(
        *results,
        sources=(str(first), str(second)),
        threshold=RESULTS_THRESHOLD if given["threshold"] is None else given["threshold"],
        force=given["force"],
    )
