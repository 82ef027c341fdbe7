"""What counted instructions mean on the real device: latency and energy, as far as known."""

from dataclasses import dataclass

from edgekit.benchmarks.measurement import Measurement, Provenance
from edgekit.device_profiles import DeviceProfile

__all__ = ["Estimates", "estimate"]

# MLPerf Tiny v0.5 to v1.1, NUCLEO-L4R5ZI at 1.8 V: energy / latency of other kernel libraries is
# 35.0 to 48.7 mW, where TensorFlow Lite Micro's is 40.7.
_POWER_SPREAD = 0.2


@dataclass(frozen=True, slots=True)
class Estimates:
    """Latency and energy of an inference.

    Attributes:
        latency: In microseconds; None where the profile has no coefficient.
        energy: In microjoules; None where there is no latency or no power.
        gaps: Why something is missing, in sentences.
    """

    latency: Measurement | None
    energy: Measurement | None
    gaps: tuple[str, ...]


def estimate(profile: DeviceProfile, instructions: float) -> Estimates:
    """Estimate what an inference takes on the device itself.

    Latency is instructions x cycles per instruction / clock; energy is latency x mean power.
    The interval of the latency is that of the coefficient; that of the energy also holds 20 %
    of power, by which kernel libraries differed on one board.

    Args:
        profile: The device.
        instructions: Of one inference.
    """
    figure = profile.cycles_per_instruction
    if figure is None:
        why = f"no latency: the profile of {profile.name} has no cycles_per_instruction"
        return Estimates(None, None, (why,))
    us = 1e6 / profile.clock_hz.value * instructions
    cycles = figure.value
    latency = Measurement(
        us * cycles.typical,
        "us",
        Provenance.ESTIMATED,
        f"instructions x {cycles} cycles / {profile.clock_hz.value / 1e6:g} MHz",
        (us * cycles.low, us * cycles.high),
    )
    if profile.active_power_mw is None:
        why = f"no energy: the profile of {profile.name} has no active_power_mw"
        return Estimates(latency, None, (why,))
    watts = profile.active_power_mw.value / 1e3
    energy = Measurement(
        latency.value * watts,
        "uJ",
        Provenance.ESTIMATED,
        f"latency x {profile.active_power_mw.value:g} mW +- {_POWER_SPREAD:.0%}",
        (
            us * cycles.low * watts * (1 - _POWER_SPREAD),
            us * cycles.high * watts * (1 + _POWER_SPREAD),
        ),
    )
    return Estimates(latency, energy, ())
