"""Whether a C library fits the memories of a device."""

from edgekit.converters.c import CLibrary
from edgekit.converters.contract import Violation
from edgekit.device_profiles import DeviceProfile, Sourced

__all__ = ["library_violations"]


def library_violations(library: CLibrary, profile: DeviceProfile) -> tuple[Violation, ...]:
    """Return what of a library is larger than a device's memories, with the bytes over.

    What is counted is exact, and less than a firmware needs: it has code, a stack and data of
    its own.
    """
    ram = library.arena_bytes + library.static_bytes
    found = (
        _violation("RAM", "its arena and static data", ram, profile.ram_bytes, profile),
        _violation("flash", "its constants", library.weights_bytes, profile.flash_bytes, profile),
    )
    return tuple(item for item in found if item)


def _violation(
    memory: str, what: str, needed: int, there: Sourced[int] | None, profile: DeviceProfile
) -> Violation | None:
    if there is None or needed <= there.value:
        return None
    return Violation(
        constraint="library_fits_memory",
        rule="The library fits the memories of the device.",
        subject=f"the {memory}",
        origin="the whole model",
        particulars=f"{what} take {needed:,} bytes, {needed - there.value:,} bytes over the "
        f"{there.value:,} that there are",
        device=profile.name,
        is_float_island=False,
    )
