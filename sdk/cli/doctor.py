"""`edgekit doctor`: what is installed, what is missing, and which command installs it."""

from typing import Any

import click

from edgekit.benchmarks.power import MeterStatus
from edgekit.cli.output import CONTEXT, Output, output_options
from edgekit.cli.tables import byte_size, make_table, print_table
from edgekit.doctor import Diagnosis, ExtraState, PackageVerdict, diagnose

__all__ = ["command"]

_EPILOG = """\b
Examples:
  edgekit doctor
  edgekit doctor --json
"""

_STYLES = {
    PackageVerdict.OK: "green",
    PackageVerdict.MISSING: "red",
    PackageVerdict.OUT_OF_RANGE: "bold red",
}
_METER_STYLES = {
    MeterStatus.READY: "green",
    MeterStatus.ABSENT: "dim",
    MeterStatus.NO_PERMISSION: "bold red",
    MeterStatus.MISSING_PACKAGE: "red",
    MeterStatus.BROKEN: "bold red",
}


@click.command(context_settings=CONTEXT, epilog=_EPILOG)
@output_options
def command(output: Output) -> None:
    """Say what is installed, what is missing, and which command installs it.

    Nothing is installed or changed. Which extras are needed depends on what is done: [runtime]
    runs bundles, [convert] builds them, [tensorflow] adds the onnx2tf engine to it, [torch] takes
    PyTorch models, [power] drives power meters, [dev] is for work on edgekit itself.

    Of power meters it says which are there, and which command gives the permission to read them.
    """
    diagnosis = diagnose()
    output.result(diagnosis.to_json(), lambda console: _show(console, diagnosis))


def _show(console: Any, diagnosis: Diagnosis) -> None:
    console.print(
        f"edgekit {diagnosis.version}, {diagnosis.python}, {diagnosis.system}", style="bold"
    )
    print_table(console, "Packages", _table(diagnosis.extras))
    backends = ", ".join(f"{name} {version}" for name, version in diagnosis.backends.items())
    console.print(f"interpreters that can run bundles: {backends or 'none'}")
    size = byte_size(diagnosis.cache_bytes)
    console.print(f"cache: {size} in {diagnosis.cache_folder}", soft_wrap=True)
    _show_meters(console, diagnosis)
    incomplete = [extra for extra in diagnosis.extras if not extra.complete]
    for extra in incomplete:
        console.print(f"[{extra.name}] is incomplete; to complete it:  {extra.install_command}")
    if not incomplete:
        console.print("everything is installed")


def _show_meters(console: Any, diagnosis: Diagnosis) -> None:
    from rich.text import Text

    table = make_table("meter", "state", "what is there")
    for name, state in diagnosis.meters.items():
        table.add_row(
            name, Text(str(state.status), style=_METER_STYLES[state.status]), state.detail
        )
    print_table(console, "Power meters", table)
    for name, state in diagnosis.meters.items():
        if state.command is not None:
            console.print(f"to use {name}:  {state.command}", soft_wrap=True)


def _table(extras: tuple[ExtraState, ...]) -> Any:
    from rich.text import Text

    table = make_table("extra", "package", "required", "installed", "verdict")
    for extra in extras:
        for number, package in enumerate(extra.packages):
            table.add_row(
                f"[{extra.name}]" if number == 0 else "",
                package.name,
                package.required or "any",
                package.installed or "",
                Text(str(package.verdict), style=_STYLES[package.verdict]),
            )
    return table
