"""`edgekit benchmark --on emulator`: a bundle as C on an emulated microcontroller."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from edgekit.cli.output import Output
from edgekit.cli.recording import Recording
from edgekit.errors import EdgekitError
from edgekit.runtime import ArrayLayout

__all__ = ["EMULATOR", "EmulatorOptionError", "emulate"]

EMULATOR = "emulator"
# What says how to measure time and energy, of which an emulated board has neither.
_MEASURING = (
    *("windows", "window_seconds", "quick", "pin", "threads", "kernels"),
    *("power", "idle_seconds"),
)


class EmulatorOptionError(EdgekitError):
    """An option that is missing for an emulated board, or means nothing there."""


def emulate(
    output: Output,
    bundle: Path,
    inputs: tuple[str, ...],
    labels: str | None,
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
    right = None if labels is None else _labels(labels, opened)
    with ConsoleProgress(output) as progress:
        emulation = emulate_bundle(
            opened,
            given["device"],
            EmulationOptions(),
            inputs=raw,
            labels=right,
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
    context = click.get_current_context()
    default = click.core.ParameterSource.DEFAULT
    wrong = [name for name in _MEASURING if context.get_parameter_source(name) is not default]
    if wrong:
        option = f"--{wrong[0].replace('_', '-')}"
        raise EmulatorOptionError(
            f"{option} means nothing on an emulated board: it counts, and measures no time",
            hint=f"leave out {option}",
        )


def _labels(source: str, bundle: Any) -> Any:
    from edgekit.converters.calibration import load_labels

    return load_labels(source, label_names=bundle.labels)
