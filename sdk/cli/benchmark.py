"""`edgekit benchmark`: how fast a bundle is on a target, and how far that can be trusted."""

from pathlib import Path
from typing import Any

import click

from edgekit.cli.emulating import EMULATOR, emulate, emulator_options, refuse_emulator_options
from edgekit.cli.failures import InterruptedBenchmarkError
from edgekit.cli.measuring_options import measuring_options, parse_options, parse_target
from edgekit.cli.options import given_options, output_file_option
from edgekit.cli.output import CONTEXT, Output, output_options
from edgekit.cli.power_options import power_options
from edgekit.cli.recording import Recording, recording_options
from edgekit.cli.running import running_options, silent_interpreter
from edgekit.runtime import ArrayLayout

__all__ = ["command"]

_EPILOG = """\b
Examples:
  edgekit benchmark kws.edgekit
  edgekit benchmark kws.edgekit --quick --threads 2 --kernels builtin
  edgekit benchmark kws.edgekit --pin 1 --windows 9 --window-seconds 2
  edgekit benchmark kws.edgekit --power rapl
  edgekit benchmark kws.edgekit --power ppk2:voltage_mv=3300 --idle-seconds 10
  edgekit benchmark kws.edgekit --inputs eval.npz --layout source -o result.json
  edgekit benchmark kws.edgekit --on emulator -d nucleo-l4r5zi --inputs eval.npz --labels eval.npz
"""


@click.command(context_settings=CONTEXT, epilog=_EPILOG)
@click.argument("bundle", type=click.Path(path_type=Path))
@measuring_options
@power_options
@click.option(
    "--inputs",
    multiple=True,
    metavar="[NAME=]PATH",
    help="Samples to run in turn (repeatable): a .npy, a .npz or a picture.  [default: random]",
)
@emulator_options
@output_file_option("Write the result with its raw samples to this .json.")
@recording_options
@running_options
@output_options
def command(
    output: Output,
    /,
    bundle: Path,
    inputs: tuple[str, ...],
    path: Path | None,
    recording: Recording,
    layout: ArrayLayout,
    **given: Any,
) -> None:
    """Measure the latency of BUNDLE, and with --power its energy, on this machine or elsewhere.

    After a warm-up, windows of runs are measured, and the latency is the median over the
    windows. A latency is that of one inference, without copying its inputs and outputs. What
    speaks against a result is said with it.

    On an emulated microcontroller (--on emulator -d DEVICE) the bundle runs as C, and what is
    counted is exact: instructions, memory, and with --labels the accuracy.
    """
    if given["target"] == EMULATOR:
        emulate(output, bundle, inputs, path, recording, layout, given)
        return
    refuse_emulator_options()
    if given["power"] is None and given_options(["idle_seconds"]):
        raise click.UsageError("--idle-seconds is for a power meter; add --power METER.")
    from edgekit.benchmarks import InterruptedBenchmark, benchmark
    from edgekit.benchmarks.power.metering import metering
    from edgekit.bundle import Bundle
    from edgekit.cli.benchmark_report import show_result
    from edgekit.cli.input_files import raw_samples
    from edgekit.cli.progress import ConsoleProgress
    from edgekit.files import check_output

    if path is not None:
        check_output(path)
    opened = Bundle.open(bundle)
    options, target = parse_options(given), parse_target(given)
    raw = raw_samples(opened.manifest.inputs, inputs, layout)
    try:
        with (
            silent_interpreter(output) as stderr,
            ConsoleProgress(output, stream=stderr, between_runs=True) as progress,
            metering(given["power"], idle_seconds=given["idle_seconds"], target=target) as energy,
        ):
            result = benchmark(
                opened, target, options, inputs=raw, observers=energy.observers, progress=progress
            )
            result = energy.with_energy(result)
    except InterruptedBenchmark as interrupt:
        partial = interrupt.partial
        if not output.json:
            output.result(None, lambda console: show_result(console, partial))
        raise InterruptedBenchmarkError(len(partial.windows), options.windows) from interrupt
    said = recording.keep(result.to_json(), output)
    if path is not None:
        result.save(path)

    def show(console: Any) -> None:
        show_result(console, result)
        if path is not None:
            console.print(f"{path} written, with {len(result.samples_us)} samples")
        if said:
            console.print(said)

    output.result(result.to_json(), show)
