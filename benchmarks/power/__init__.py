"""Power meters and energy: what an inference costs, and by which meter that is known."""

from edgekit.benchmarks.power.energy import ChannelEnergy, EnergyResult, energy_per_inference
from edgekit.benchmarks.power.errors import MeterError, MeterPermissionError
from edgekit.benchmarks.power.meter import (
    Activity,
    MeterDriver,
    MeterInfo,
    MeterState,
    MeterStatus,
    Phase,
    PowerMeter,
    RunFinder,
)
from edgekit.benchmarks.power.observer import EnergyObserver
from edgekit.benchmarks.power.opening import meter_from_text, probe_meters, summary
from edgekit.benchmarks.power.polling import Poller
from edgekit.benchmarks.power.profile_model import estimate_energy
from edgekit.benchmarks.power.recording import Gap, Quantity, Recording, Trace, find_gaps
from edgekit.benchmarks.power.registry import load_driver, meter_names

__all__ = [
    "Activity",
    "ChannelEnergy",
    "EnergyObserver",
    "EnergyResult",
    "Gap",
    "MeterDriver",
    "MeterError",
    "MeterInfo",
    "MeterPermissionError",
    "MeterState",
    "MeterStatus",
    "Phase",
    "Poller",
    "PowerMeter",
    "Quantity",
    "Recording",
    "RunFinder",
    "Trace",
    "energy_per_inference",
    "estimate_energy",
    "find_gaps",
    "load_driver",
    "meter_from_text",
    "meter_names",
    "probe_meters",
    "summary",
]
