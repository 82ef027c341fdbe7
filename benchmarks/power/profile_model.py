"""The last resort where no meter is: a device profile's power times the latency, as an estimate."""

from edgekit.benchmarks.errors import InvalidOptionError
from edgekit.benchmarks.measurement import Measurement, Provenance
from edgekit.benchmarks.power.energy import EnergyResult
from edgekit.benchmarks.power.meter import MeterInfo
from edgekit.device_profiles import DeviceProfile
from edgekit.device_profiles.sourced import Sourced

__all__ = ["POWER_ERROR", "check_power", "estimate_energy"]

# How far a board's mean power over other models times the latency of one is from the energy that
# was measured of it, for 95 % of the published results of MLPerf Tiny (rounds 0.5 to 1.1):
# benchmarks/figures/power_model.py.
POWER_ERROR = 0.21


def check_power(profile: DeviceProfile) -> Sourced[float]:
    """Return the mean power of a device while it runs models, in mW.

    Raises:
        InvalidOptionError: The profile does not know it.
    """
    if profile.active_power_mw is None:
        raise InvalidOptionError(
            "power",
            f"profile:{profile.name}",
            "the profile of a device whose active_power_mw is known; this one's is not",
        )
    return profile.active_power_mw


def estimate_energy(profile: DeviceProfile, latency: Measurement) -> EnergyResult:
    """Return the energy of one inference by a device's mean power while it runs models.

    The interval is that of the latency, widened by `POWER_ERROR`. It says nothing of what the
    board takes besides the model, nor of what idling would take.

    Args:
        profile: The device that the latency is of.
        latency: Of one inference, in us.

    Raises:
        InvalidOptionError: The profile does not know the power.
    """
    power_mw = check_power(profile)
    low_us, high_us = latency.interval or (latency.value, latency.value)
    method = f"active_power_mw of {profile.name} times latency, within {POWER_ERROR:.0%} of power"

    def estimated(value: float, unit: str, low: float, high: float) -> Measurement:
        bounds = (low * (1 - POWER_ERROR), high * (1 + POWER_ERROR))
        return Measurement(value, unit, Provenance.ESTIMATED, method, bounds)

    # mW times us is nJ.
    energies = [power_mw.value * time_us / 1e3 for time_us in (latency.value, low_us, high_us)]
    return EnergyResult(
        meter=MeterInfo(
            name="profile",
            device=profile.title,
            provenance=Provenance.ESTIMATED,
            method=method,
            rate_hz=0.0,
            accuracy=power_mw.source,
        ),
        per_inference=estimated(energies[0], "uJ", energies[1], energies[2]),
        above_idle=None,
        active_power=estimated(power_mw.value, "mW", power_mw.value, power_mw.value),
        idle_power=None,
    )
