"""INA219, INA226 and INA260: current and voltage over I2C, read by the machine itself."""

import errno
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep
from typing import TYPE_CHECKING

from edgekit.benchmarks.measurement import Provenance
from edgekit.benchmarks.power.errors import MeterError, MeterPermissionError
from edgekit.benchmarks.power.ina_chips import (
    BUS,
    CALIBRATION,
    CONFIGURATION,
    DIE_ID,
    INA219,
    INA226,
    INA260,
    SHUNT,
    Calibration,
    Chip,
    calibrate,
    ina219_gain,
)
from edgekit.benchmarks.power.meter import MeterInfo, MeterState, MeterStatus
from edgekit.benchmarks.power.polling import Poller
from edgekit.benchmarks.power.recording import Quantity, Recording, Trace, find_gaps
from edgekit.errors import MissingDependencyError

if TYPE_CHECKING:
    from smbus2 import SMBus

__all__ = ["Ina219Driver", "Ina226Driver", "Ina260Driver", "InaMeter"]

_GRANT = 'sudo usermod -aG i2c "$USER"'
# The first averaged conversion of both voltages is complete after about 9 ms.
_SETTLE_S = 0.02


@dataclass(frozen=True, slots=True)
class Ina219Driver:
    """Texas Instruments INA219 over I2C.

    Attributes:
        bus: Number of the I2C bus.
        address: Of the chip on it.
        shunt_ohm: The shunt of the board that carries it.
        max_a: The largest current that is expected; a smaller one is measured more finely.
        rate_hz: How often it is read; a value is an average over about 9 ms.
        root: Where ``dev`` is mounted.
    """

    bus: int = 1
    address: int = 0x40
    shunt_ohm: float = 0.1
    max_a: float = 3.2
    rate_hz: float = 100.0
    root: Path = Path("/")

    def probe(self) -> MeterState:
        """Look for the bus; whether the chip is on it shows when it is opened."""
        return _probe(self.root, self.bus)

    def open(self) -> "InaMeter":
        """Configure the chip.

        Raises:
            MeterError: There is no such bus, or nothing answers at the address.
            MeterPermissionError: The bus may not be used.
            InvalidOptionError: Shunt and current do not go together.
        """
        calibration = calibrate(INA219, self.shunt_ohm, self.max_a)
        gain, limit = ina219_gain(self.shunt_ohm, self.max_a)
        place = Place(self.root, self.bus, self.address)
        return InaMeter(INA219, place, calibration, self.rate_hz, gain, limit)


@dataclass(frozen=True, slots=True)
class Ina226Driver:
    """Texas Instruments INA226 over I2C.

    Attributes:
        bus: Number of the I2C bus.
        address: Of the chip on it.
        shunt_ohm: The shunt of the board that carries it.
        max_a: The largest current that is expected; a smaller one is measured more finely.
        rate_hz: How often it is read; a value is an average over about 9 ms.
        root: Where ``dev`` is mounted.
    """

    bus: int = 1
    address: int = 0x40
    shunt_ohm: float = 0.1
    max_a: float = 0.8
    rate_hz: float = 100.0
    root: Path = Path("/")

    def probe(self) -> MeterState:
        """Look for the bus; whether the chip is on it shows when it is opened."""
        return _probe(self.root, self.bus)

    def open(self) -> "InaMeter":
        """Configure the chip; errors as of `Ina219Driver.open`."""
        calibration = calibrate(INA226, self.shunt_ohm, self.max_a)
        place = Place(self.root, self.bus, self.address)
        return InaMeter(INA226, place, calibration, self.rate_hz)


@dataclass(frozen=True, slots=True)
class Ina260Driver:
    """Texas Instruments INA260 over I2C; its shunt is inside.

    Attributes:
        bus: Number of the I2C bus.
        address: Of the chip on it.
        rate_hz: How often it is read; a value is an average over about 9 ms.
        root: Where ``dev`` is mounted.
    """

    bus: int = 1
    address: int = 0x40
    rate_hz: float = 100.0
    root: Path = Path("/")

    def probe(self) -> MeterState:
        """Look for the bus; whether the chip is on it shows when it is opened."""
        return _probe(self.root, self.bus)

    def open(self) -> "InaMeter":
        """Configure the chip; errors as of `Ina219Driver.open`."""
        place = Place(self.root, self.bus, self.address)
        return InaMeter(INA260, place, calibrate(INA260, 0, 0), self.rate_hz)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chip is.

    Attributes:
        root: Where ``dev`` is mounted.
        bus: Number of the I2C bus.
        address: Of the chip on it.
    """

    root: Path
    bus: int
    address: int

    @property
    def device(self) -> Path:
        """The bus as a file."""
        return self.root / f"dev/i2c-{self.bus}"

    def __str__(self) -> str:
        return f"{self.address:#04x} on {self.device}"


class InaMeter:
    """An open chip; see `edgekit.benchmarks.power.meter.PowerMeter`.

    Power is current times bus voltage, both averaged by the chip over the same span: finer than
    its power register, whose step is 20 to 25 steps of current.
    """

    def __init__(
        self,
        chip: Chip,
        place: Place,
        calibration: Calibration,
        rate_hz: float,
        gain: int = 0,
        shunt_limit: int | None = None,
    ) -> None:
        self._chip = chip
        self._place = place
        self._calibration = calibration
        self._rate_hz = rate_hz
        self._shunt_limit = shunt_limit
        self._saturated_at_s: list[float] = []
        self._poller = Poller(chip.name, self._read, rate_hz)
        self._bus: SMBus | None = _open_bus(chip.name, place.device)
        try:
            self._identify()
            self._write(CONFIGURATION, chip.configuration | gain)
            if chip.calibration_v is not None:
                self._write(CALIBRATION, calibration.register)
        except BaseException:
            self.close()
            raise
        sleep(_SETTLE_S)

    @property
    def info(self) -> MeterInfo:
        """Which chip, and its error by the datasheet."""
        return MeterInfo(
            name=self._chip.name,
            device=str(self._place),
            provenance=Provenance.MEASURED,
            method="current times bus voltage, averaged by the chip over 9 ms",
            rate_hz=self._rate_hz,
            accuracy=f"errors of gain and offset: see the datasheet ({self._chip.datasheet})"
            + (
                ""
                if self._chip.shunt_lsb_v is None
                else "; the tolerance of the shunt adds to them"
            ),
        )

    def start(self) -> None:
        """Begin to read the chip."""
        self._saturated_at_s = []
        self._poller.start()

    def stop(self) -> Recording:
        """Return the power since the start."""
        times_s, values = self._poller.stop()
        power_w = values[:, 0]
        notes: tuple[str, ...] = ()
        if power_w.mean() < 0:
            notes = ("power is negative: the shunt is connected the other way round",)
        return Recording(
            (Trace(self._chip.name, Quantity.POWER, times_s, power_w),),
            find_gaps(times_s, 1 / self._rate_hz),
            tuple(self._saturated_at_s),
            notes,
        )

    def close(self) -> None:
        """End the thread and let go of the bus."""
        self._poller.halt()
        bus, self._bus = self._bus, None
        if bus is not None:
            bus.close()

    def _read(self) -> list[float]:
        chip = self._chip
        current = _signed(self._register(chip.current_register))
        bus = self._register(BUS)
        if self._cut_off(current, bus):
            self._saturated_at_s.append(perf_counter())
        volts = (bus >> chip.bus_shift) * chip.bus_lsb_v
        return [current * self._calibration.current_lsb_a * volts]

    def _cut_off(self, current: int, bus: int) -> bool:
        chip = self._chip
        register, bit = chip.overflow
        if (bus if register == BUS else self._register(register)) & bit:
            return True
        if abs(current) >= chip.current_limit:
            return True
        if self._shunt_limit is None:
            return False
        return abs(_signed(self._register(SHUNT))) >= self._shunt_limit

    def _identify(self) -> None:
        if self._chip.die_id is None:
            self._register(CONFIGURATION)
            return
        found = self._register(DIE_ID) >> 4
        if found != self._chip.die_id:
            raise MeterError(
                self._chip.name,
                f"the chip at {self._place} says it is {found:#x}, not {self._chip.die_id:#x}",
                hint="choose another meter (ina219, ina226, ina260) or address=",
            )

    @property
    def _open_bus(self) -> "SMBus":
        if self._bus is None:
            raise MeterError(self._chip.name, "it is closed", hint="open it again")
        return self._bus

    # SMBus sends the low byte of a word first, the chips the high one.
    def _register(self, register: int) -> int:
        try:
            return _swapped(self._open_bus.read_word_data(self._place.address, register))
        except OSError as error:
            raise self._silent(error) from error

    def _write(self, register: int, value: int) -> None:
        try:
            self._open_bus.write_word_data(self._place.address, register, _swapped(value))
        except OSError as error:
            raise self._silent(error) from error

    def _silent(self, error: OSError) -> MeterError:
        if error.errno == errno.EBUSY:
            return MeterError(
                self._chip.name,
                f"a driver of the kernel has the chip at {self._place}",
                hint="measure through that driver: --power hwmon",
            )
        return MeterError(
            self._chip.name,
            f"nothing answers at {self._place}: {error.strerror or error}",
            hint=f"look for it:  i2cdetect -y {self._place.bus}",
        )


def _open_bus(meter: str, device: Path) -> "SMBus":
    try:
        from smbus2 import SMBus
    except ImportError as error:
        raise MissingDependencyError("smbus2", extra="power", purpose=f"an {meter}") from error
    try:
        return SMBus(str(device))
    except PermissionError as error:
        raise MeterPermissionError(
            meter, str(device), command=_GRANT, then="  and log in again"
        ) from error
    except OSError as error:
        why = "there is no such bus" if error.errno == errno.ENOENT else str(error.strerror)
        raise MeterError(
            meter,
            f"cannot open {device}: {why}",
            hint="on a Raspberry Pi:  sudo raspi-config nonint do_i2c 0",
        ) from error


def _probe(root: Path, number: int) -> MeterState:
    device = Place(root, number, 0).device
    if importlib.util.find_spec("smbus2") is None:
        return MeterState(MeterStatus.MISSING_PACKAGE, "smbus2", "pip install 'edgekit[power]'")
    try:
        device.open("rb", buffering=0).close()
    except PermissionError:
        return MeterState(MeterStatus.NO_PERMISSION, f"{device} may not be read", _GRANT)
    except OSError:
        return MeterState(MeterStatus.ABSENT, f"no {device}")
    return MeterState(MeterStatus.READY, f"{device} is there; whether a chip is on it is not known")


def _swapped(word: int) -> int:
    return (word & 0xFF) << 8 | word >> 8


def _signed(word: int) -> int:
    return word - 0x10000 if word & 0x8000 else word
