"""Which USB devices are plugged in, from sysfs: nothing is opened."""

from pathlib import Path

__all__ = ["plugged_in"]


def plugged_in(root: Path, products: frozenset[tuple[int, int]]) -> list[str]:
    """Return vendor and product of the devices that are there, of those that are asked for.

    Args:
        root: Where ``sys`` is mounted.
        products: Numbers of vendor and product.
    """
    found = []
    for path in sorted((root / "sys/bus/usb/devices").glob("*/idVendor")):
        try:
            numbers = [path.read_text(), (path.parent / "idProduct").read_text()]
        except OSError:  # unplugged meanwhile
            continue
        vendor, product = (int(number, 16) for number in numbers)
        if (vendor, product) in products:
            found.append(f"{vendor:04x}:{product:04x} at {path.parent.name}")
    return found
