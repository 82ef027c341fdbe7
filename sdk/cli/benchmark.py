"""`edgekit benchmark`: how fast a bundle is on this machine, and how far that can be trusted."""

from pathlib import Path
from typing import Any

import click

from edgekit.cli.options import output_file_option
from edgekit.cli.output import CONTEXT, Output, output_options
from edgekit.cli.running import running_options, silent_interpreter
from edgekit.cli.tables import make_table, print_table
from edgekit.runtime import ArrayLayout, Kernels

__all__ = ["command"]

_EPILOG = """\b
Examples:
  edgekit benchmark kws.edgekit
  edgekit benchmark kws.edgekit --threads 2 --kernels builtin --min-seconds 5
  edgekit benchmark kws.edgekit --inputs eval.npz --layout source -o result.json
"""


@click.command(context_settings=CONTEXT, epilog=_EPILOG)
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "--min-seconds",
    type=click.FloatRange(min=0),
    default=2.0,
    show_default=True,
    help="Measure for at least this long, after the warm-up.",
)
@click.option(
    "--inputs",
    multiple=True,
    metavar="[NAME=]PATH",
    help="Samples to run in turn (repeatable): a .npy, a .npz or a picture.  [default: random]",
)
@output_file_option("Write the result with every raw sample to this .json.")
@running_options
@output_options
def command(
    output: Output,
    bundle: Path,
    min_seconds: float,
    inputs: tuple[str, ...],
    path: Path | None,
    layout: ArrayLayout,
    threads: int,
    kernels: str,
) -> None:
    """Measure the latency of BUNDLE on this machine.

    A latency is that of one inference, with copying the inputs in and the outputs out. What
    speaks against a result is said with it.
    """
    from edgekit.benchmarks import BenchmarkOptions, benchmark
    from edgekit.bundle import Bundle

    opened = Bundle.open(bundle)
    options = BenchmarkOptions(min_seconds=min_seconds, threads=threads, kernels=Kernels(kernels))
    raw = _raw_inputs(opened, inputs, layout)
    with silent_interpreter(output):
        result = benchmark(opened, options=options, inputs=raw)
    if path is not None:
        result.save(path)

    def show(console: Any) -> None:
        _show(console, result)
        if path is not None:
            console.print(f"{path} written, with all {len(result.samples_us)} samples")

    output.result(result.to_json(), show)


def _raw_inputs(bundle: Any, inputs: tuple[str, ...], layout: ArrayLayout) -> list[dict[str, Any]]:
    """Return the samples as the raw arrays that a benchmark takes."""
    from edgekit.cli.input_files import every_sample, read_input_files
    from edgekit.runtime.inputs import encode

    if not inputs:
        return []
    specs = bundle.manifest.inputs
    samples = every_sample(specs, read_input_files(specs, inputs), layout)
    return [
        {spec.name: encode(spec, sample[spec.name], layout) for spec in specs} for sample in samples
    ]


def _show(console: Any, result: Any) -> None:
    columns = ("figure", "value", "provenance", "interval", "how")
    table = make_table(*columns, right=("value", "interval"))
    for name, measurement in result.measurements().items():
        interval = measurement.interval
        table.add_row(
            name.replace("_", " "),
            f"{_number(measurement.value)} {measurement.unit}",
            str(measurement.provenance),
            f"{_number(interval[0])} to {_number(interval[1])}" if interval else "",
            measurement.method,
        )
    print_table(console, f"{result.model} on {result.target}, inputs {result.inputs}", table)
    there = result.environment
    threads = f"{there.threads} thread{'s' * (there.threads > 1)}"
    console.print(
        f"{there.interpreter} {there.interpreter_version}, {there.kernels} kernels, {threads}"
    )
    console.print(f"{there.cpu_model}, {there.logical_cores} cores, {there.os}")
    console.print(
        f"governor {there.governor or 'unknown'}, load average {there.load_average}, "
        f"virtualization {there.virtualization or 'not seen'}"
    )
    for reason in result.unstable_reasons:
        console.print(f"UNSTABLE: {reason}", style="bold red")


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:,.2f}"
