"""Sensors that Linux has a driver for, through hwmon: power, energy, or voltage times current."""

import re
from dataclasses import dataclass
from pathlib import Path

from edgekit.benchmarks.measurement import Provenance
from edgekit.benchmarks.power.errors import MeterError
from edgekit.benchmarks.power.meter import MeterInfo, MeterState, MeterStatus
from edgekit.benchmarks.power.polling import Poller
from edgekit.benchmarks.power.recording import Quantity, Recording, Trace, find_gaps
from edgekit.benchmarks.power.sysfs import may_read, read_number, read_word

__all__ = ["HwmonDriver", "HwmonMeter", "Sensor"]

_METER = "hwmon"
_FOLDER = "sys/class/hwmon"


@dataclass(frozen=True, slots=True)
class Sensor:
    """One figure that a chip gives.

    Attributes:
        chip: Name of the chip or of its driver, for example ``ina226``.
        name: For example ``power1``, ``energy1``, or ``in1*curr1``.
        quantity: Power, or an energy counter.
        files: The files whose product it is.
        scale: From that product to W or J.
    """

    chip: str
    name: str
    quantity: Quantity
    files: tuple[Path, ...]
    scale: float

    @property
    def title(self) -> str:
        """Chip and name."""
        return f"{self.chip}/{self.name}"


@dataclass(frozen=True, slots=True)
class HwmonDriver:
    """Sensors on the board that Linux has a driver for (hwmon).

    Attributes:
        root: Where ``sys`` is mounted.
        chip: Name of the chip; None takes the only one.
        sensor: For example ``power1``; None takes the chip's only one.
        rate_hz: How often it is read.
    """

    root: Path = Path("/")
    chip: str | None = None
    sensor: str | None = None
    rate_hz: float = 20.0

    def probe(self) -> MeterState:
        """Look for sensors of power."""
        found = self._sensors()
        if not found:
            return MeterState(MeterStatus.ABSENT, f"no sensor of power in {self.root / _FOLDER}")
        names = ", ".join(sensor.title for sensor in found)
        paths = [path for sensor in found for path in sensor.files]
        return may_read(paths, names, command=self._command)

    def open(self) -> "HwmonMeter":
        """Open the sensor.

        Raises:
            MeterError: There is none, or several to choose from.
            MeterPermissionError: It may not be read.
        """
        every = self._sensors()
        chosen = [
            sensor
            for sensor in every
            if self.chip in (None, sensor.chip) and self.sensor in (None, sensor.name)
        ]
        if len(chosen) != 1:
            names = ", ".join(sensor.title for sensor in every) or "none"
            raise MeterError(
                _METER,
                f"{len(chosen)} sensors to choose from; on this machine: {names}",
                hint="name one: hwmon:chip=CHIP,sensor=SENSOR",
            )
        return HwmonMeter(chosen[0], self.rate_hz, self._command)

    @property
    def _command(self) -> str:
        return f"sudo chmod a+r {self.root / _FOLDER}/*/*_input"

    def _sensors(self) -> list[Sensor]:
        found = []
        for folder in sorted((self.root / _FOLDER).glob("hwmon*")):
            if (folder / "name").exists():
                chip = read_word(_METER, folder / "name", command=self._command)
                found += _sensors_of(folder, chip)
        return found


class HwmonMeter:
    """An open sensor; see `edgekit.benchmarks.power.meter.PowerMeter`."""

    def __init__(self, sensor: Sensor, rate_hz: float, command: str) -> None:
        self._sensor = sensor
        self._rate_hz = rate_hz
        self._command = command
        self._poller = Poller(_METER, self._read, rate_hz)
        self._read()

    @property
    def info(self) -> MeterInfo:
        """Which sensor, and what is read of it."""
        return MeterInfo(
            name=_METER,
            device=self._sensor.title,
            provenance=Provenance.MEASURED,
            method=" times ".join(path.name for path in self._sensor.files),
            rate_hz=self._rate_hz,
        )

    def start(self) -> None:
        """Begin to read the sensor."""
        self._poller.start()

    def stop(self) -> Recording:
        """Return power or energy since the start."""
        times_s, values = self._poller.stop()
        trace = Trace(self._sensor.title, self._sensor.quantity, times_s, values[:, 0])
        return Recording((trace,), find_gaps(times_s, 1 / self._rate_hz))

    def close(self) -> None:
        """End the thread."""
        self._poller.halt()

    def _read(self) -> list[float]:
        value = self._sensor.scale
        for path in self._sensor.files:
            value *= read_number(_METER, path, command=self._command)
        return [value]


def _sensors_of(folder: Path, chip: str) -> list[Sensor]:
    """Return what a chip gives of power; what it multiplies itself comes before what we would.

    Files and units: Linux, Documentation/hwmon/sysfs-interface.rst (power in uW, energy in uJ,
    current in mA, voltage in mV).
    """
    found: list[Sensor] = []
    for kind, quantity in (("power", Quantity.POWER), ("energy", Quantity.ENERGY)):
        for number in _numbers(folder, kind):
            name = f"{kind}{number}"
            files = (folder / f"{name}_input", folder / f"{name}_average")
            path = next(path for path in files if path.exists())
            found.append(Sensor(chip, name, quantity, (path,), 1e-6))
    if found:
        return found
    pairs = sorted(_numbers(folder, "in") & _numbers(folder, "curr"))
    return [
        Sensor(
            chip,
            f"in{number}*curr{number}",
            Quantity.POWER,
            (folder / f"in{number}_input", folder / f"curr{number}_input"),
            1e-6,
        )
        for number in pairs
    ]


def _numbers(folder: Path, kind: str) -> set[int]:
    pattern = re.compile(rf"{kind}(\d+)_(input|average)")
    matches = (pattern.fullmatch(path.name) for path in folder.iterdir())
    return {int(match[1]) for match in matches if match}
