"""`edgekit devices`: the device profiles, and what each figure of one rests on."""

from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from edgekit.cli.output import CONTEXT, Output, output_options
from edgekit.cli.tables import byte_size, make_table, print_table
from edgekit.device_profiles import (
    PATH_VARIABLE,
    DeviceProfile,
    Sourced,
    device_names,
    load_profile,
)
from edgekit.errors import EdgekitError

__all__ = ["command", "complete_device"]

_EPILOG = f"""\b
Examples:
  edgekit devices
  edgekit devices nucleo-l4r5zi
  edgekit devices my-board --folder boards/
  edgekit devices --json

Folders named in {PATH_VARIABLE} are searched as well.
"""


def complete_device(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list["CompletionItem[Any]"]:
    """Return the names of devices that begin as typed, for shell completion."""
    del ctx, parameter
    try:
        names = device_names()
    except EdgekitError:
        return []  # nothing may be said while the user is typing
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


@click.command(context_settings=CONTEXT, epilog=_EPILOG)
@click.argument("name", required=False, shell_complete=complete_device)
@click.option(
    "--folder",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Folder with profiles of your own (repeatable).",
)
@output_options
def command(output: Output, name: str | None, folders: tuple[Path, ...]) -> None:
    """List the device profiles, or show every figure of NAME with its source.

    NAME is the name of a profile, or the path of a .toml file.
    """
    if name is None:
        profiles = [load_profile(item, folders=folders) for item in device_names(folders=folders)]
        output.result(
            [profile.to_json() for profile in profiles],
            lambda console: _show_all(console, profiles),
        )
        return
    profile = load_profile(name, folders=folders)
    data = {**profile.to_json(), "runtime_figures": _runtime_json(profile)}
    output.result(data, lambda console: _show_one(console, profile))


def _show_all(console: Any, profiles: list[DeviceProfile]) -> None:
    columns = ("name", "device", "kind", "core", "clock", "RAM", "flash", "runtime")
    table = make_table(*columns, right=("clock", "RAM", "flash"), whole=("name", "runtime"))
    for item in profiles:
        table.add_row(
            item.name,
            item.title,
            str(item.kind),
            item.core.value,
            f"{item.clock_hz.value / 1e6:,.0f} MHz",
            _memory(item.ram_bytes),
            _memory(item.flash_bytes),
            item.runtime.name,
        )
    console.print(table)
    console.print("`edgekit devices NAME` shows where each figure comes from.")


def _show_one(console: Any, profile: DeviceProfile) -> None:
    console.print(f"{profile.name}: {profile.title} ({profile.kind})", style="bold")
    console.print(f"  kernels {profile.kernel_library or 'unknown'}, system {profile.os or 'none'}")
    print_table(console, "Device", _figures_table(profile.figures()))
    runtime = profile.runtime
    print_table(console, f"Runtime: {runtime.title}", _figures_table(_runtime_figures(profile)))
    console.print(f"from {profile.path}", soft_wrap=True)


def _figures_table(figures: dict[str, Sourced[Any]]) -> Any:
    table = make_table("figure", "value", "verified", "source")
    for name, figure in figures.items():
        verified = "yes" if figure.verified else "NO"
        table.add_row(name, _value(figure.value), verified, figure.source)
    return table


def _runtime_figures(profile: DeviceProfile) -> dict[str, Sourced[Any]]:
    runtime = profile.runtime
    operators = Sourced(len(runtime.operators.value), runtime.operators.source)
    figures: dict[str, Sourced[Any] | None] = {
        "release": runtime.release,
        "operators": operators,
        "checks_versions": runtime.checks_versions,
        "dtypes": runtime.dtypes,
        "per_channel_fully_connected": runtime.per_channel_fully_connected,
        "per_channel_fully_connected_since": runtime.per_channel_fully_connected_since,
        "hybrid_kernels": runtime.hybrid_kernels,
        "int4_weights": runtime.int4_weights,
        "int4_weights_per_channel": runtime.int4_weights_per_channel,
        "max_rank": runtime.max_rank,
    }
    return {name: figure for name, figure in figures.items() if figure is not None}


def _runtime_json(profile: DeviceProfile) -> dict[str, Any]:
    return {
        name: {
            "value": sorted(figure.value) if isinstance(figure.value, frozenset) else figure.value,
            "source": figure.source,
            "verified": figure.verified,
        }
        for name, figure in _runtime_figures(profile).items()
    }


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def _memory(figure: Sourced[int] | None) -> str:
    return byte_size(figure.value) if figure else ""
