"""Which USB devices are plugged in and may be used, from sysfs: nothing is opened."""

import os
from dataclasses import dataclass
from pathlib import Path

from edgekit.benchmarks.power.meter import MeterState, MeterStatus

__all__ = ["UsbDevice", "plugged_in", "usb_state"]


@dataclass(frozen=True, slots=True)
class UsbDevice:
    """A device that is plugged in.

    Attributes:
        vendor: Number of the vendor.
        product: Number of the product.
        folder: Of the device in sysfs.
        root: Where ``sys`` and ``dev`` are mounted.
    """

    vendor: int
    product: int
    folder: Path
    root: Path

    @property
    def ports(self) -> list[Path]:
        """Its serial ports."""
        return [self.root / "dev" / path.name for path in sorted(self.folder.glob("*/tty/tty*"))]

    @property
    def node(self) -> Path:
        """The file that programs talk to it through."""
        bus, number = (int((self.folder / name).read_text()) for name in ("busnum", "devnum"))
        return self.root / f"dev/bus/usb/{bus:03d}/{number:03d}"

    def __str__(self) -> str:
        return f"{self.vendor:04x}:{self.product:04x} at {self.folder.name}"


def plugged_in(root: Path, products: frozenset[tuple[int, int]]) -> list[UsbDevice]:
    """Return the devices that are there, of those that are asked for.

    Args:
        root: Where ``sys`` and ``dev`` are mounted.
        products: Numbers of vendor and product.
    """
    found = []
    for path in sorted((root / "sys/bus/usb/devices").glob("*/idVendor")):
        try:
            texts = [path.read_text(), (path.parent / "idProduct").read_text()]
        except OSError:  # unplugged meanwhile
            continue
        vendor, product = (int(text, 16) for text in texts)
        if (vendor, product) in products:
            found.append(UsbDevice(vendor, product, path.parent, root))
    return found


def usb_state(files: dict[Path, UsbDevice], *, command: str) -> MeterState:
    """Return what a driver's `probe` says of devices that are plugged in.

    Args:
        files: What has to be opened, and the device that it is of.
        command: What grants the permission; ``{}`` in it stands for the file.
    """
    if not files:
        return MeterState(MeterStatus.ABSENT, "none on USB")
    for file in files:
        # The effective user is who opens it.
        if not os.access(file, os.R_OK | os.W_OK, effective_ids=True):
            why = f"{file} may not be used"
            return MeterState(MeterStatus.NO_PERMISSION, why, command.format(file))
    return MeterState(MeterStatus.READY, ", ".join(sorted({str(each) for each in files.values()})))
