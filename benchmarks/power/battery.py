"""The gauge of a battery, through sysfs: the power of the whole machine while it discharges."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgekit.benchmarks.measurement import Provenance
from edgekit.benchmarks.power.errors import MeterError
from edgekit.benchmarks.power.meter import MeterInfo, MeterState, MeterStatus
from edgekit.benchmarks.power.polling import Poller
from edgekit.benchmarks.power.recording import Quantity, Recording, Trace, find_gaps
from edgekit.benchmarks.power.sysfs import may_read, optional_text, read_number, read_word

__all__ = ["BatteryDriver", "BatteryMeter"]

_METER = "battery"
_SUPPLIES = "sys/class/power_supply"
_DISCHARGING = "Discharging"


@dataclass(frozen=True, slots=True)
class BatteryDriver:
    """A laptop's or board's battery gauge: the whole machine, while it discharges.

    Attributes:
        root: Where ``sys`` is mounted.
        name: Which battery, for example ``BAT0``; None takes the only one.
        rate_hz: How often it is read. Gauges bring a new value every few seconds at best.
    """

    root: Path = Path("/")
    name: str | None = None
    rate_hz: float = 4.0

    def probe(self) -> MeterState:
        """Look for batteries and whether one discharges."""
        found = self._batteries()
        if not found:
            return MeterState(MeterStatus.ABSENT, f"no battery in {self.root / _SUPPLIES}")
        names = ", ".join(path.name for path in found)
        state = may_read([path / "status" for path in found], names, command=self._command)
        if state.status is MeterStatus.READY and not any(map(_discharges, found)):
            return MeterState(MeterStatus.ABSENT, f"{names}: unplug the charger to measure")
        return state

    def open(self) -> "BatteryMeter":
        """Open the battery.

        Raises:
            MeterError: There is none, several, or it does not discharge.
            MeterPermissionError: It may not be read.
        """
        found = [path for path in self._batteries() if self.name in (None, path.name)]
        if len(found) != 1:
            names = ", ".join(path.name for path in self._batteries()) or "none"
            raise MeterError(
                _METER,
                f"{len(found)} batteries to choose from; on this machine: {names}",
                hint="name one: battery:name=NAME",
            )
        return BatteryMeter(found[0], self.rate_hz, self._command)

    @property
    def _command(self) -> str:
        return f"sudo chmod a+r {self.root / _SUPPLIES}/*/*_now"

    def _batteries(self) -> list[Path]:
        types = sorted((self.root / _SUPPLIES).glob("*/type"))
        return [path.parent for path in types if optional_text(path) == "Battery"]


class BatteryMeter:
    """An open battery; see `edgekit.benchmarks.power.meter.PowerMeter`.

    ``power_now`` is in uW, ``current_now`` in uA and ``voltage_now`` in uV (Linux,
    Documentation/ABI/testing/sysfs-class-power); some gauges give currents that leave the
    battery as negative.
    """

    def __init__(self, folder: Path, rate_hz: float, command: str) -> None:
        self._folder = folder
        self._rate_hz = rate_hz
        self._command = command
        self._direct = (folder / "power_now").exists()
        self._poller = Poller(_METER, self._read, rate_hz)
        self._read()

    @property
    def info(self) -> MeterInfo:
        """Which battery, and what is read of it."""
        source = "power_now" if self._direct else "current_now times voltage_now"
        return MeterInfo(
            name=_METER,
            device=self._folder.name,
            provenance=Provenance.MEASURED,
            method=f"{source} of the gauge while discharging",
            rate_hz=self._rate_hz,
            accuracy="not stated; gauges average over seconds, so use windows of a minute",
        )

    def start(self) -> None:
        """Begin to read the gauge."""
        self._poller.start()

    def stop(self) -> Recording:
        """Return the power since the start."""
        times_s, values = self._poller.stop()
        power_w = values[:, 0]
        # A value is kept where it came and where it went: asking often makes no more samples.
        changed = np.flatnonzero(np.diff(power_w))
        kept = np.unique(np.concatenate(([0], changed, changed + 1, [power_w.size - 1])))
        trace = Trace(self._folder.name, Quantity.POWER, times_s[kept], power_w[kept])
        span_s = float(times_s[-1] - times_s[0])
        note = f"the gauge brought {changed.size + 1} values in {span_s:.0f} s"
        return Recording((trace,), find_gaps(times_s, 1 / self._rate_hz), notes=(note,))

    def close(self) -> None:
        """End the thread."""
        self._poller.halt()

    def _read(self) -> list[float]:
        status = read_word(_METER, self._folder / "status", command=self._command)
        if status != _DISCHARGING:
            raise MeterError(
                _METER,
                f"{self._folder.name} is {status!r}, so its current is not what the machine takes",
                hint="unplug the charger and measure again",
            )
        if self._direct:
            return [abs(self._number("power_now")) / 1e6]
        return [abs(self._number("current_now")) * self._number("voltage_now") / 1e12]

    def _number(self, name: str) -> int:
        return read_number(_METER, self._folder / name, command=self._command)


def _discharges(folder: Path) -> bool:
    return optional_text(folder / "status") == _DISCHARGING
