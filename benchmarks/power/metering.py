"""What `--power` stands for: a meter around a benchmark, a device profile after it, or nothing."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edgekit.benchmarks.errors import InvalidOptionError
from edgekit.benchmarks.measurement import Provenance
from edgekit.benchmarks.observing import RunObserver
from edgekit.benchmarks.power.observer import EnergyObserver
from edgekit.benchmarks.power.opening import meter_from_text
from edgekit.benchmarks.power.profile_model import check_power, estimate_energy
from edgekit.device_profiles import DeviceKind, DeviceProfile, load_profile

if TYPE_CHECKING:
    from edgekit.benchmarks.result import BenchmarkResult
    from edgekit.benchmarks.target import Target

__all__ = ["PROFILE", "Metering", "metering"]

# The last resort has no meter; what follows the colon is the name of a device profile.
PROFILE = "profile"


@dataclass(frozen=True, slots=True)
class Metering:
    """How the energy of a benchmark comes about.

    Attributes:
        observer: Watches the run with a meter.
        profile: Estimates it from the latency.
    """

    observer: EnergyObserver | None = None
    profile: DeviceProfile | None = None

    @property
    def observers(self) -> Sequence[RunObserver]:
        """What the benchmark has to be run with."""
        return () if self.observer is None else (self.observer,)

    def with_energy(self, result: "BenchmarkResult") -> "BenchmarkResult":
        """Return the result with its energy; called once, right after the run.

        Raises:
            MeterError: The meter failed.
            InvalidOptionError: The profile does not know the power.
        """
        if self.observer is not None:
            return replace(result, energy=self.observer.energy(seed=result.options.seed))
        if self.profile is not None:
            energy = estimate_energy(self.profile, result.latency)
            note = f"the latency on '{result.target}' is taken for that of {self.profile.title}"
            return replace(result, energy=replace(energy, notes=(note,)))
        return result


@contextmanager
def metering(text: str | None, *, idle_seconds: float, target: "Target") -> Iterator[Metering]:
    """Open what a text such as ``rapl:rate_hz=200`` or ``profile:pixel-8`` names, and close it.

    Args:
        text: A meter with its options, ``profile:DEVICE``, or None for no energy.
        idle_seconds: How long to measure the idle power.
        target: What is measured.

    Raises:
        UnknownNameError: There is no such meter, option or device.
        InvalidOptionError: A value cannot be read, a meter is to measure an emulation, or a
            profile does not know the power or is of a device that the target cannot be.
        MeterError: The meter is not there; with the command, where it may not be read.
        MissingDependencyError: Its Python package is not installed.
    """
    if text is None:
        yield Metering()
        return
    name, _, device = text.partition(":")
    if name == PROFILE:
        if not device:
            raise InvalidOptionError("power", text, f"written as {PROFILE}:DEVICE")
        yield Metering(profile=_profile(text, device, target))
        return
    if target.provenance is not Provenance.MEASURED:
        raise InvalidOptionError(
            "power",
            text,
            f"{PROFILE}:DEVICE: nothing takes this power, '{target.name}' is emulated",
        )
    with closing(meter_from_text(text).open()) as meter:
        yield Metering(EnergyObserver(meter, idle_seconds))


def _profile(text: str, name: str, target: "Target") -> DeviceProfile:
    """Return the profile that is to estimate, refused before the run rather than after it."""
    profile = load_profile(name)
    check_power(profile)
    if target.name == "host" and profile.kind is not DeviceKind.LINUX:
        raise InvalidOptionError(
            "power",
            text,
            f"the profile of what runs the model: this process is on no {profile.title}"
            " (for a microcontroller: --on emulator -d DEVICE estimates its energy)",
        )
    return profile
