"""A bundle as a C library for a microcontroller's firmware."""

from edgekit.packaging.mcu.fitting import library_violations
from edgekit.packaging.mcu.making import isa_of, library_name, make_library
from edgekit.packaging.mcu.packing import package_for_mcu

__all__ = [
    "isa_of",
    "library_name",
    "library_violations",
    "make_library",
    "package_for_mcu",
]
