"""Whether a model fits the memories of a device, as far as its sizes alone can tell."""

from dataclasses import dataclass
from enum import StrEnum

from edgekit.device_profiles.profile import DeviceKind, DeviceProfile
from edgekit.device_profiles.sourced import Sourced
from edgekit.errors import EdgekitError

__all__ = ["FitReport", "FitVerdict", "MemoryFit", "fit"]


class FitVerdict(StrEnum):
    """What can be said about a need and a memory."""

    FITS = "fits"  # the estimate is not above what there is
    DOES_NOT_FIT = "does not fit"  # even this lower bound is above what there is
    UNKNOWN = "unknown"  # the profile does not say how much there is


@dataclass(frozen=True, slots=True)
class MemoryFit:
    """What a model needs of one memory, and what there is of it.

    Attributes:
        needed_bytes: A lower bound of what is needed.
        available: All there is, before the program and the system take their part; None
            where the profile does not say.
        method: What ``needed_bytes`` counts, and what it leaves out.
        provenance: How ``needed_bytes`` came about.
    """

    needed_bytes: int
    available: Sourced[int] | None
    method: str
    provenance: str = "estimated"

    @property
    def margin_bytes(self) -> int | None:
        """What is left, negative where too much is needed, None where it is unknown."""
        return None if self.available is None else self.available.value - self.needed_bytes

    @property
    def verdict(self) -> FitVerdict:
        """Fits, does not fit, or unknown."""
        if self.margin_bytes is None:
            return FitVerdict.UNKNOWN
        return FitVerdict.FITS if self.margin_bytes >= 0 else FitVerdict.DOES_NOT_FIT


@dataclass(frozen=True, slots=True)
class FitReport:
    """Whether a model fits a device.

    Attributes:
        device: Name of the profile.
        ram: SRAM of a microcontroller, main memory of the others.
        flash: None on phones and Linux boards, where storage is not what limits.
    """

    device: str
    ram: MemoryFit
    flash: MemoryFit | None

    @property
    def verdict(self) -> FitVerdict:
        """The worst of the memories: one that does not fit before one that is unknown."""
        verdicts = {memory.verdict for memory in (self.ram, self.flash) if memory}
        for verdict in (FitVerdict.DOES_NOT_FIT, FitVerdict.UNKNOWN):
            if verdict in verdicts:
                return verdict
        return FitVerdict.FITS


def fit(profile: DeviceProfile, *, model_bytes: int, activation_bytes: int) -> FitReport:
    """Check a model's sizes against the memories of a device.

    Args:
        profile: The device.
        model_bytes: Size of the ``.tflite`` file.
        activation_bytes: Lower bound of the arena: the most that tensors take at one moment.

    Raises:
        EdgekitError: A size is negative.
    """
    for name, size in (("model_bytes", model_bytes), ("activation_bytes", activation_bytes)):
        if size < 0:
            raise EdgekitError(f"{name} is {size}; a size is not negative")
    if profile.kind is DeviceKind.MCU:
        arena = "activations; without the runtime's bookkeeping, stack and the program's own data"
        return FitReport(
            device=profile.name,
            ram=MemoryFit(activation_bytes, profile.ram_bytes, arena),
            flash=MemoryFit(
                model_bytes, profile.flash_bytes, "the model; without the program's code"
            ),
        )
    loaded = "the model and its activations; without the runtime and the system"
    ram = MemoryFit(model_bytes + activation_bytes, profile.ram_bytes, loaded)
    return FitReport(device=profile.name, ram=ram, flash=None)
