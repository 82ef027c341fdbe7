"""`edgekit package`: a bundle packed for what carries it."""

from pathlib import Path
from typing import Any

import click

from edgekit.cli.devices import complete_device
from edgekit.cli.output import CONTEXT, Output, output_options
from edgekit.cli.tables import make_table
from edgekit.packaging import Package, PackageKind, PackageOptions, write_package

__all__ = ["command"]

_EPILOG = """\b
Examples:
  edgekit package kws.edgekit --for mcu -d nucleo-l4r5zi -o firmware/kws
  edgekit package mobilenet.edgekit --for mcu -d nucleo-l4r5zi --arena 65536 -o mobilenet
  edgekit package kws.edgekit --for tflm -d nucleo-l4r5zi -o firmware/kws
  edgekit package kws.edgekit --for mcu -d raspberry-pi-pico --name spotter --no-labels -o kws
"""


@click.command(context_settings=CONTEXT, epilog=_EPILOG)
@click.argument("bundle", metavar="BUNDLE", type=click.Path(path_type=Path))
@click.option(
    "--for",
    "kind",
    type=click.Choice([str(item) for item in PackageKind]),
    default=str(PackageKind.MCU),
    show_default=True,
    help="What the package is for; mcu: a C library, tflm: TensorFlow Lite Micro.",
)
@click.option(
    "-d",
    "--device",
    required=True,
    shell_complete=complete_device,
    help="Device profile, by name or path.",
)
@click.option(
    "-o",
    "--output",
    "folder",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder to write; it may hold an earlier package.",
)
@click.option("--name", help="Prefix of names in code; made from the bundle's name by default.")
@click.option(
    "--labels/--no-labels",
    default=True,
    show_default=True,
    help="Whether the labels of the classes go into it.",
)
@click.option(
    "--arena",
    "arena_bytes",
    type=click.IntRange(min=1),
    metavar="BYTES",
    help="Most that the arena of a C library may take; the first layers are computed in stripes "
    "where it needs to.",
)
@click.option("--force", is_flag=True, help="Pack it though the device is too small for it.")
@output_options
def command(
    output: Output,
    bundle: Path,
    kind: str,
    device: str,
    folder: Path,
    name: str | None,
    arena_bytes: int | None,
    *,
    labels: bool,
    force: bool,
) -> None:
    """Pack BUNDLE for what carries it, into a folder.

    For mcu, that is C99 without an interpreter and without a heap, which computes byte for byte
    what TensorFlow Lite Micro does. For tflm, it is what firmware with that interpreter compiles:
    the model as an array, a resolver with the operators that it needs, and the arena's size.
    """
    from edgekit.bundle import Bundle
    from edgekit.device_profiles import load_profile

    if arena_bytes is not None and kind != PackageKind.MCU:
        raise click.UsageError("--arena goes with --for mcu: other arenas are the interpreter's")
    options = PackageOptions(load_profile(device), name, labels, force, arena_bytes)
    package = write_package(PackageKind(kind), Bundle.open(bundle), options, folder)
    data = {
        "folder": str(folder),
        "name": package.name,
        **package.facts,
        "files": sorted(package.files),
    }
    output.result(data, lambda console: _show(console, folder, package))


def _show(console: Any, folder: Path, package: Package) -> None:
    count = len(package.files)
    console.print(f"{folder} written, {count} files; begin with README.md", soft_wrap=True)
    table = make_table("what", "value", right=("value",))
    for what, value in package.facts.items():
        table.add_row(what.replace("_", " "), f"{value:,}" if isinstance(value, int) else value)
    console.print(table)
