"""`edgekit profile`: where a bundle's time goes, operator by operator."""

from pathlib import Path
from typing import Any

import click

from edgekit.cli.options import output_file_option
from edgekit.cli.output import CONTEXT, Output, output_options
from edgekit.cli.progress import ConsoleProgress
from edgekit.cli.recording import Recording, recording_options
from edgekit.cli.running import running_options, silent_interpreter
from edgekit.cli.tables import make_table, print_table
from edgekit.runtime import ArrayLayout, Kernels

__all__ = ["command"]

_EPILOG = """\b
Examples:
  edgekit profile kws.edgekit
  edgekit profile kws.edgekit --kernels builtin --rounds 60
  edgekit profile kws.edgekit --roofline roofline.svg -o profile.json
"""


@click.command(context_settings=CONTEXT, epilog=_EPILOG)
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "--rounds",
    type=click.IntRange(min=1),
    default=15,
    show_default=True,
    help="How often the parts of the model are loaded and timed anew.",
)
@click.option(
    "--roofline",
    type=click.Path(path_type=Path),
    help="Draw operators against the machine's peaks into this .svg, .png or .pdf.",
)
@click.option(
    "--inputs",
    multiple=True,
    metavar="[NAME=]PATH",
    help="A sample to run, the first of a .npy or .npz, or a picture.  [default: random]",
)
@output_file_option("Write the profile with every raw difference to this .json.")
@recording_options
@running_options
@output_options
def command(
    output: Output,
    bundle: Path,
    rounds: int,
    roofline: Path | None,
    inputs: tuple[str, ...],
    path: Path | None,
    recording: Recording,
    layout: ArrayLayout,
    threads: int,
    kernels: str,
) -> None:
    """Measure what each operator of BUNDLE costs on this machine.

    The model is cut after each operator; a time is what it takes longer with the operator than
    without. Operators that a delegate runs as one are told as one, and each by what it adds.
    """
    from edgekit.benchmarks.profiling import ProfileOptions
    from edgekit.benchmarks.profiling.roofline import check_chart, save_roofline
    from edgekit.bundle import Bundle
    from edgekit.cli.input_files import raw_samples
    from edgekit.files import check_output
    from edgekit.profiling import profile

    for file in (path, roofline):
        if file is not None:
            check_output(file)
    if roofline is not None:
        check_chart(roofline)
    opened = Bundle.open(bundle)
    samples = raw_samples(opened.manifest.inputs, inputs, layout)
    options = ProfileOptions(rounds=rounds, threads=threads, kernels=Kernels(kernels))
    with (
        silent_interpreter(output) as stderr,
        ConsoleProgress(output, stream=stderr, between_runs=True) as progress,
    ):
        result = profile(opened, options, inputs=samples[0] if samples else None, progress=progress)
    said = recording.keep(result.to_json(), output, kind="profile")
    if path is not None:
        result.save(path)
    if roofline is not None:
        save_roofline(result, roofline)

    def show(console: Any) -> None:
        _show(console, result)
        for file in (path, roofline):
            if file is not None:
                console.print(f"{file} written")
        if said:
            console.print(said)

    output.result(result.to_json(), show)


def _show(console: Any, result: Any) -> None:
    columns = ("operator", "time", "interval", "share", "MACs", "bytes", "MAC/byte", "GMAC/s")
    made = make_table(*columns, right=columns[1:])
    shown = None
    for row in result.operators:
        if row.partition is not None and row.partition != shown:
            partition = result.partitions[row.partition]
            made.add_row(*_cells(result, partition, f"{_range(partition)} as one"), style="bold")
        shown = row.partition
        indent = "  " if row.partition is not None else ""
        made.add_row(*_cells(result, row, f"{indent}{row.index} {row.kind}"))
    there = result.environment
    print_table(
        console, f"{result.model}: time of operators (measured), inputs {result.inputs}", made
    )
    whole, call = result.whole, result.call
    console.print(
        f"whole model {whole.value:,.2f} us, empty call {call.value:,.2f} us; "
        f"call and operators are {result.coverage:.1%} of the whole"
    )
    if result.partitions:
        console.print(
            f"{there.kernels} kernels run some operators as one; theirs are what each adds where "
            "the model ends with it"
        )
    for peak in result.peaks.compute:
        console.print(f"peak {peak.dtype}: {peak.rate.value / 1e9:,.1f} GMAC/s, {peak.model}")
    for peak in result.peaks.bandwidths:
        console.print(f"peak {peak.name}: {peak.rate.value / 1e9:,.1f} GB/s, copying")
    threads = f"{there.threads} thread{'s' * (there.threads > 1)}"
    console.print(
        f"{there.interpreter} {there.interpreter_version}, {there.kernels} kernels, {threads}, "
        f"{there.cpu_model}"
    )
    for reason in result.unstable_reasons:
        console.print(f"UNSTABLE: {reason}", style="bold red")


def _cells(result: Any, row: Any, name: str) -> tuple[str, ...]:
    time = row.time(seed=result.options.seed)
    low, high = time.interval
    rate = result.rate(row)
    return (
        name,
        f"{time.value:,.2f} us",
        f"{low:,.2f} to {high:,.2f}",
        f"{result.share(row):.1%}",
        f"{row.macs:,}" if row.macs else "",
        f"{row.moved_bytes:,}",
        f"{row.intensity:.2f}" if row.macs else "",
        "" if rate is None else f"{rate / 1e9:,.2f}",
    )


def _range(partition: Any) -> str:
    first, last = partition.operators[0], partition.operators[-1]
    if len(partition.operators) == last - first + 1:
        return f"{first} to {last}" if last > first else str(first)
    return ", ".join(map(str, partition.operators))
