"""`edgekit engines`: the same model by several engines, speed and outputs side by side."""

from pathlib import Path
from typing import Any

import click

from edgekit.cli.options import choice_option, output_file_option
from edgekit.cli.output import CONTEXT, Output, output_options
from edgekit.cli.progress import ConsoleProgress
from edgekit.cli.recording import Recording, recording_options
from edgekit.cli.tables import byte_size, make_table, print_table
from edgekit.runtime import ArrayLayout

__all__ = ["command"]

_EPILOG = """\b
Examples:
  edgekit engines kws.edgekit
  edgekit engines kws.edgekit --source kws.onnx --inputs eval.npz --layout source
  edgekit engines kws.edgekit -e litert -e onnxruntime --source kws.onnx -o table.json
"""


@click.command(context_settings=CONTEXT, epilog=_EPILOG)
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "-e",
    "--engine",
    "engines",
    multiple=True,
    metavar="NAME",
    help="An engine to run (repeatable); ratios refer to the first.  [default: all]",
)
@click.option(
    "--source",
    type=click.Path(path_type=Path),
    help="What the bundle was built from (.onnx, .py or .pt2), for engines that run sources.",
)
@click.option(
    "--qdq",
    type=click.Path(path_type=Path),
    help="The source as a quantized .onnx, for onnxruntime.  [default: quantize the source]",
)
@click.option(
    "--inputs",
    multiple=True,
    metavar="[NAME=]PATH",
    help="Samples to run in turn (repeatable): a .npy, a .npz or a picture.  [default: random]",
)
@choice_option(
    "--layout",
    ("model", "source"),
    "Whose axes arrays have: those of model.tflite (pictures: NHWC), or of the source model.",
    default="model",
)
@click.option(
    "--rounds",
    type=click.IntRange(min=1),
    default=30,
    show_default=True,
    help="How often each engine has its turn; a slow one has fewer.",
)
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="How many threads one inference may use.",
)
@output_file_option("Write the table with every raw sample to this .json.")
@recording_options
@output_options
def command(
    output: Output,
    bundle: Path,
    engines: tuple[str, ...],
    source: Path | None,
    qdq: Path | None,
    inputs: tuple[str, ...],
    layout: ArrayLayout,
    rounds: int,
    threads: int,
    path: Path | None,
    recording: Recording,
) -> None:
    """Run BUNDLE by several engines in turns, and compare latencies and outputs.

    Engines that are not installed, or that cannot run the model, are listed with the reason.
    """
    from edgekit.benchmarks.engines import EngineOptions
    from edgekit.bundle import Bundle
    from edgekit.cli.input_files import raw_samples
    from edgekit.engine_comparison import compare_engines
    from edgekit.files import check_output

    if path is not None:
        check_output(path)
    opened = Bundle.open(bundle)
    raw = raw_samples(opened.manifest.inputs, inputs, layout)
    with ConsoleProgress(output, between_runs=True) as progress:
        table = compare_engines(
            opened,
            engines or None,
            source=source,
            qdq=qdq,
            inputs=raw,
            options=EngineOptions(rounds=rounds, threads=threads),
            progress=progress,
        )
    said = recording.keep(table.to_json(), output, kind="engines")
    if path is not None:
        table.save(path)

    def show(console: Any) -> None:
        _show_speed(console, table)
        _show_outputs(console, table)
        if path is not None:
            console.print(f"{path} written")
        if said:
            console.print(said)

    output.result(table.to_json(), show)


def _show_speed(console: Any, table: Any) -> None:
    baseline = table.baseline
    ratio_column = f"to {baseline.engine}" if baseline else "ratio"
    columns = ("engine", "ran", "latency", "interval", ratio_column, "ratio's interval", "memory")
    made = make_table(*columns, right=columns[2:])
    for row in table.rows:
        latency, ratio = table.latency(row), table.ratio(row)
        if latency is None or ratio is None:
            made.add_row(row.engine, f"not run: {row.reason}" + _advice(row.hint))
            continue
        what = row.description
        memory = "" if row.peak_rss_bytes is None else byte_size(row.peak_rss_bytes)
        made.add_row(
            row.engine,
            f"{what.package} {what.version}, {what.how}",
            f"{latency.value:,.2f} us",
            _interval(latency),
            f"{ratio.value:.2f}",
            _interval(ratio),
            memory,
        )
    print_table(console, f"{table.model}: latency (measured), inputs {table.inputs}", made)
    there = table.environment
    threads = f"{there.threads} thread{'s' * (there.threads > 1)}"
    console.print(f"{there.cpu_model}, {there.logical_cores} cores, {there.os}, {threads}")
    console.print("memory: peak of the engine's own process, Python and imports included")
    for row in table.rows:
        for reason in table.unstable_reasons(row):
            console.print(f"UNSTABLE: {row.engine}: {reason}", style="bold red")


def _show_outputs(console: Any, table: Any) -> None:
    columns = ("engine", "against", "SQNR", "same top-1", "values that differ", "at most", "")
    made = make_table(*columns, right=columns[2:6])
    for row in table.rows:
        for check in row.checks:
            made.add_row(
                row.engine,
                check.against,
                "equal" if check.sqnr_db is None else f"{check.sqnr_db:.1f} dB",
                _percent(check.top1_percent),
                _percent(check.differing_percent),
                "" if check.max_steps is None else f"{check.max_steps} steps",
                "" if check.agrees else f"DISAGREES: below {check.min_sqnr_db:g} dB",
            )
    if made.row_count:
        samples = max(check.samples for row in table.rows for check in row.checks)
        plural = "s" * (samples > 1)
        print_table(console, f"{table.model}: outputs on {samples} sample{plural}", made)


def _advice(hint: str | None) -> str:
    return f" ({hint})" if hint else ""


def _interval(measurement: Any) -> str:
    low, high = measurement.interval
    return f"{low:,.2f} to {high:,.2f}"


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} %"
