"""What is asked of a package, and what it is."""

from collections.abc import Mapping
from dataclasses import dataclass

from edgekit.device_profiles import DeviceProfile

__all__ = ["Package", "PackageOptions"]


@dataclass(frozen=True, slots=True)
class PackageOptions:
    """How a bundle is packed.

    Attributes:
        device: What it is for.
        name: What it is called in code; made from the bundle's name where None.
        labels: Whether the labels of classes go into it.
        force: Whether it is made though the device is too small.
        arena_bytes: The most that a C library's arena may take, None for any size.
    """

    device: DeviceProfile
    name: str | None = None
    labels: bool = True
    force: bool = False
    arena_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Package:
    """A packed bundle.

    Attributes:
        name: What it is called in code.
        files: Relative path -> content.
        facts: What there is to say about it, in bytes or words, by what it is.
    """

    name: str
    files: Mapping[str, bytes]
    facts: Mapping[str, int | str]
