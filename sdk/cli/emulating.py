"""`edgekit benchmark --on emulator`: a bundle as C on an emulated microcontroller."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from edgekit.cli.options import given_options
from edgekit.cli.output import Output
from edgekit.cli.recording import Recording
from edgekit.errors import EdgekitError
from edgekit.runtime import ArrayLayout

__all__ = [
    "EMULATOR",
    "EmulatorOptionError",
    "emulate",
    "emulator_options",
    "refuse_emulator_options",
]

EMULATOR = "emulator"
# What says how to measure time and energy, of which an emulated board has neither.
_MEASURING = (
    *("windows", "window_seconds", "quick", "pin", "threads", "kernels"),
    *("power", "idle_seconds"),
)
# What only an emulated board understands, as `emulator_options` adds it.
_EMULATING = ("labels", "optimisation", "stack_bytes", "max_instructions")


class EmulatorOptionError(EdgekitError):
    """An option that is missing for an emulated board, or means nothing where it was given."""


def emulator_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that an emulated board has; they arrive under their own names."""
    for option in reversed(
        [
            click.option(
                "--labels",
                metavar="PATH",
                help="Emulated board: right classes of the inputs, for its accuracy; a .npz, "
                ".npy, .csv or .txt.",
            ),
            click.option(
                "--optimisation",
                type=click.Choice(["-O0", "-O1", "-O2", "-O3", "-Os"]),
                default="-O3",
                show_default=True,
                help="Emulated board: how the compiler optimises the model's code.",
            ),
            click.option(
                "--stack-bytes",
                type=click.IntRange(min=256),
                default=4096,
                show_default=True,
                help="Emulated board: the stack that is set aside.",
            ),
            click.option(
                "--max-instructions",
                type=click.IntRange(min=1),
                default=2_000_000_000,
                show_default=True,
                help="Emulated board: an inference that takes more counts as a hang.",
            ),
        ]
    ):
        function = option(function)
    return function


def refuse_emulator_options() -> None:
    """Refuse what only an emulated board understands, on another target.

    Raises:
        EmulatorOptionError: Such an option was given.
    """
    for option in given_options(_EMULATING):
        raise EmulatorOptionError(
            f"{option} is for an emulated board", hint="add --on emulator -d DEVICE"
        )


def emulate(
    output: Output,
    bundle: Path,
    inputs: tuple[str, ...],
    path: Path | None,
    recording: Recording,
    layout: ArrayLayout,
    given: Mapping[str, Any],
) -> None:
    """Emulate a bundle, show what was counted, record it, and write it where ``path`` says.

    Raises:
        EmulatorOptionError: No device, or options that say how to measure time or energy.
    """
    from edgekit.benchmarks.emulator import EmulationOptions
    from edgekit.bundle import Bundle
    from edgekit.cli.emulation_report import show_emulation
    from edgekit.cli.input_files import raw_samples
    from edgekit.cli.progress import ConsoleProgress
    from edgekit.emulating import emulate_bundle
    from edgekit.files import check_output

    _check(given)
    if path is not None:
        check_output(path)
    opened = Bundle.open(bundle)
    raw = raw_samples(opened.manifest.inputs, inputs, layout)
    labels = None if given["labels"] is None else _labels(given["labels"], opened)
    with ConsoleProgress(output) as progress:
        emulation = emulate_bundle(
            opened,
            given["device"],
            EmulationOptions(
                optimisation=given["optimisation"],
                stack_bytes=given["stack_bytes"],
                max_instructions=given["max_instructions"],
            ),
            inputs=raw,
            labels=labels,
            progress=progress,
        )
    result = emulation.result
    said = recording.keep(result.to_json(), output, kind="emulation")
    if path is not None:
        result.save(path)

    def show(console: Any) -> None:
        show_emulation(console, result)
        if path is not None:
            console.print(f"{path} written")
        if said:
            console.print(said)

    output.result(result.to_json(), show)


def _check(given: Mapping[str, Any]) -> None:
    if not given["device"]:
        raise EmulatorOptionError(
            "--on emulator needs a device", hint="add -d DEVICE; `edgekit devices` lists them"
        )
    for option in given_options(_MEASURING):
        raise EmulatorOptionError(
            f"{option} means nothing on an emulated board: it counts, and measures no time",
            hint=f"leave out {option}",
        )


def _labels(source: str, bundle: Any) -> Any:
    from edgekit.converters.calibration import load_labels

    return load_labels(source, label_names=bundle.labels)
