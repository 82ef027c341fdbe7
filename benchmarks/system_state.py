"""What may disturb a measurement, at one moment: frequencies, heat, throttling, other work."""

import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from edgekit.benchmarks.errors import ResultFormatError

__all__ = ["SystemState", "ThermalZone", "capture_state"]

_ROOT = Path("/")

# Raspberry Pi's firmware tells these as bits, those of this moment first.
# https://www.raspberrypi.com/documentation/computers/os.html#get_throttled
_FIRMWARE_THROTTLED = "sys/devices/platform/soc/soc:firmware/get_throttled"
_FIRMWARE_BITS = ("under-voltage", "frequency capped", "throttled", "soft temperature limit")


@dataclass(frozen=True, slots=True)
class ThermalZone:
    """A temperature sensor of the system.

    Attributes:
        name: As its driver names it, for example ``cpu-thermal``.
        celsius: What it shows.
    """

    name: str
    celsius: float


@dataclass(frozen=True, slots=True)
class SystemState:
    """The machine that runs the model, at one moment. What it does not tell is None or empty.

    Attributes:
        clock_s: By a clock that never jumps, for the time between two states.
        frequencies_hz: Of each core that tells, in their order.
        zones: Temperature sensors.
        throttling: What slows the processor down at this moment, for example
            ``cpufreq-cpu0 at state 2``.
        throttle_count: How often heat has slowed the processor since the start.
        load_average: Processes that were ready to run, over the last minute.
        busy_s: Processor time that all processes have used since the start, over all cores.
        stolen_s: Processor time that the host of a virtual machine gave to others.
        own_s: Processor time that this process has used.
    """

    clock_s: float
    frequencies_hz: tuple[int, ...]
    zones: tuple[ThermalZone, ...]
    throttling: tuple[str, ...]
    throttle_count: int | None
    load_average: float | None
    busy_s: float | None
    stolen_s: float | None
    own_s: float | None

    @property
    def frequency_hz(self) -> int | None:
        """Of the fastest core, which is likely the one that is busy."""
        return max(self.frequencies_hz, default=None)

    @property
    def celsius(self) -> float | None:
        """Of the hottest sensor."""
        return max((zone.celsius for zone in self.zones), default=None)

    def to_json(self) -> dict[str, Any]:
        """Return the state as plain JSON values."""
        lists = {name: list(getattr(self, name)) for name in ("frequencies_hz", "throttling")}
        return {**asdict(self), **lists, "zones": [asdict(zone) for zone in self.zones]}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read a state back.

        Raises:
            ResultFormatError: A field is missing, unknown, or of the wrong kind.
        """
        try:
            read = {
                "frequencies_hz": tuple(map(int, data["frequencies_hz"])),
                "zones": tuple(ThermalZone(**zone) for zone in data["zones"]),
                "throttling": tuple(map(str, data["throttling"])),
            }
            return cls(**{**data, **read})
        except (KeyError, TypeError, ValueError) as error:
            raise ResultFormatError("system state", str(error)) from error


def capture_state(*, root: Path = _ROOT) -> SystemState:
    """Return the state of this machine and process at this moment.

    Args:
        root: Where ``proc`` and ``sys`` are mounted.
    """
    busy_s, stolen_s = _processor_times(root)
    return SystemState(
        clock_s=time.monotonic(),
        frequencies_hz=_frequencies(root),
        zones=_zones(root),
        throttling=(*_cooling(root), *_firmware(root)),
        throttle_count=_throttle_count(root),
        load_average=_load_average(root),
        busy_s=busy_s,
        stolen_s=stolen_s,
        own_s=time.process_time(),
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:  # also of a sensor that is asleep
        return ""


def _numbers(root: Path, pattern: str) -> list[int]:
    texts = [_text(path) for path in sorted(root.glob(pattern))]
    return [int(text) for text in texts if text.isdigit()]


def _frequencies(root: Path) -> tuple[int, ...]:
    kilohertz = _numbers(root, "sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_cur_freq")
    return tuple(value * 1000 for value in kilohertz)


def _zones(root: Path) -> tuple[ThermalZone, ...]:
    zones = []
    for folder in sorted(root.glob("sys/class/thermal/thermal_zone*")):
        text = _text(folder / "temp")  # in thousandths of a degree
        if text.removeprefix("-").isdigit():
            zones.append(ThermalZone(_text(folder / "type") or folder.name, int(text) / 1000))
    return tuple(zones)


def _cooling(root: Path) -> list[str]:
    """Return the cooling devices that slow a processor down; fans are others."""
    found = []
    for folder in sorted(root.glob("sys/class/thermal/cooling_device*")):
        kind, state = _text(folder / "type"), _text(folder / "cur_state")
        if kind.startswith(("cpufreq", "Processor")) and state.isdigit() and int(state):
            found.append(f"{kind} at state {state}")
    return found


def _firmware(root: Path) -> list[str]:
    try:
        bits = int(_text(root / _FIRMWARE_THROTTLED) or "0", 16)
    except ValueError:
        return []
    return [f"firmware: {name}" for index, name in enumerate(_FIRMWARE_BITS) if bits >> index & 1]


def _throttle_count(root: Path) -> int | None:
    counts = _numbers(root, "sys/devices/system/cpu/cpu[0-9]*/thermal_throttle/*_throttle_count")
    return sum(counts) if counts else None


def _load_average(root: Path) -> float | None:
    fields = _text(root / "proc/loadavg").split()
    return float(fields[0]) if fields else None


def _processor_times(root: Path) -> tuple[float | None, float | None]:
    """Return the busy and the stolen time of all cores together; proc(5), ``/proc/stat``."""
    name, *fields = _text(root / "proc/stat").partition("\n")[0].split() or [""]
    if name != "cpu" or len(fields) < 8:
        return None, None
    # Time of guests is in that of user and nice already.
    user, nice, system, _, _, interrupts, soft_interrupts, stolen = map(int, fields[:8])
    ticks_a_second = os.sysconf("SC_CLK_TCK")
    busy = user + nice + system + interrupts + soft_interrupts
    return busy / ticks_a_second, stolen / ticks_a_second
