"""The demo's microcontroller: the bundle as C, and on an emulated board where there is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

import edgekit
from edgekit.benchmarks import Inputs
from edgekit.benchmarks.emulator import EmulationResult, MissingToolError
from edgekit.device_profiles import load_profile
from edgekit.emulating import emulate_bundle
from edgekit.packaging import PackageKind, PackageOptions, write_package

DEVICE = "nucleo-l4r5zi"


@dataclass(frozen=True, slots=True)
class Firmware:
    """What became of the bundle on the microcontroller.

    Attributes:
        folder: Where the C library was written to.
        emulated: What the board did, None where a tool is missing.
        missing: Which tool, with the command that installs it; empty where none is.
    """

    folder: Path
    emulated: EmulationResult | None
    missing: str = ""


def pack_and_emulate(
    path: Path, folder: Path, inputs: Sequence[Inputs], labels: NDArray[Any]
) -> Firmware:
    """Write the bundle as a C library, and run that on an emulated board."""
    bundle, device = edgekit.Bundle.open(path), load_profile(DEVICE)
    write_package(PackageKind.MCU, bundle, PackageOptions(device), folder)
    try:
        emulated = emulate_bundle(bundle, device, inputs=inputs, labels=labels)
    except MissingToolError as error:
        return Firmware(folder, None, f"{error.message}; {error.hint}")
    return Firmware(folder, emulated.result)
