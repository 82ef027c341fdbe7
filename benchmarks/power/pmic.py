"""The power management chip of a Raspberry Pi 5: voltage times current over its rails."""

import re
import shutil
import subprocess
from dataclasses import dataclass

from edgekit.benchmarks.measurement import Provenance
from edgekit.benchmarks.power.errors import MeterError, MeterPermissionError
from edgekit.benchmarks.power.meter import MeterInfo, MeterState, MeterStatus
from edgekit.benchmarks.power.polling import Poller
from edgekit.benchmarks.power.recording import Quantity, Recording, Trace, find_gaps

__all__ = ["PmicDriver", "PmicMeter", "rail_powers_w"]

_METER = "pmic"
_PROGRAM = "vcgencmd"
_ARGUMENTS = ("pmic_read_adc",)
_TIMEOUT_S = 5.0
_GRANT = 'sudo usermod -aG video "$USER"'
# For example: `VDD_CORE_A current(7)=1.08053000A` and `VDD_CORE_V volt(15)=0.72178200V`.
_LINE = re.compile(r"\s*(?P<rail>\w+)_(?P<unit>[AV])\s+\w+\(\d+\)=(?P<value>[\d.]+)(?P=unit)\s*")


@dataclass(frozen=True, slots=True)
class PmicDriver:
    """Raspberry Pi 5: the rails of its power management chip, by vcgencmd.

    Attributes:
        rate_hz: How often it is asked. Every time starts a program, on the board that is
            measured.
    """

    rate_hz: float = 5.0

    def probe(self) -> MeterState:
        """Look for vcgencmd and whether it knows the rails."""
        if shutil.which(_PROGRAM) is None:
            return MeterState(MeterStatus.ABSENT, f"no {_PROGRAM}: this is no Raspberry Pi")
        try:
            rails = _ask()
        except MeterPermissionError as error:
            return MeterState(MeterStatus.NO_PERMISSION, error.why, error.command)
        except MeterError as error:
            return MeterState(MeterStatus.ABSENT, error.why)
        return MeterState(MeterStatus.READY, ", ".join(rails))

    def open(self) -> "PmicMeter":
        """Open the chip.

        Raises:
            MeterError: This is no Raspberry Pi 5.
            MeterPermissionError: The user is not in the group that may ask the firmware.
        """
        return PmicMeter(tuple(_ask()), self.rate_hz)


class PmicMeter:
    """The rails of the chip; see `edgekit.benchmarks.power.meter.PowerMeter`."""

    def __init__(self, rails: tuple[str, ...], rate_hz: float) -> None:
        self._rails = rails
        self._rate_hz = rate_hz
        self._poller = Poller(_METER, self._read, rate_hz)

    @property
    def info(self) -> MeterInfo:
        """Which rails, and what they leave out."""
        return MeterInfo(
            name=_METER,
            device=", ".join(self._rails),
            provenance=Provenance.MEASURED,
            method="voltage times current, summed over the rails behind the PMIC",
            rate_hz=self._rate_hz,
            accuracy="not stated; leaves out what the 5 V input feeds directly (USB, HATs) and "
            "what the PMIC itself loses",
        )

    def start(self) -> None:
        """Begin to ask the chip."""
        self._poller.start()

    def stop(self) -> Recording:
        """Return the power of each rail since the start."""
        times_s, values = self._poller.stop()
        traces = tuple(
            Trace(rail, Quantity.POWER, times_s, values[:, column])
            for column, rail in enumerate(self._rails)
        )
        return Recording(traces, find_gaps(times_s, 1 / self._rate_hz))

    def close(self) -> None:
        """End the thread."""
        self._poller.halt()

    def _read(self) -> list[float]:
        powers = _ask()
        if tuple(powers) != self._rails:
            raise MeterError(_METER, f"its rails changed to {', '.join(powers)}")
        return list(powers.values())


def rail_powers_w(text: str) -> dict[str, float]:
    """Return the power of every rail whose voltage and current are both told, in W.

    The 5 V input (EXT5V) and the clock's battery (BATT) have a voltage alone.

    Args:
        text: What ``vcgencmd pmic_read_adc`` prints.
    """
    amperes: dict[str, float] = {}
    volts: dict[str, float] = {}
    for match in map(_LINE.fullmatch, text.splitlines()):
        if match:
            found = amperes if match["unit"] == "A" else volts
            found[match["rail"]] = float(match["value"])
    return {rail: volts[rail] * current for rail, current in amperes.items() if rail in volts}


def _ask() -> dict[str, float]:
    program = shutil.which(_PROGRAM)
    if program is None:
        raise MeterError(
            _METER, f"there is no program {_PROGRAM}", hint="it is part of Raspberry Pi OS"
        )
    try:
        done = subprocess.run(
            [program, *_ARGUMENTS], capture_output=True, text=True, timeout=_TIMEOUT_S
        )
    except subprocess.TimeoutExpired as error:
        raise MeterError(_METER, f"{_PROGRAM} gave no answer in {_TIMEOUT_S:.0f} s") from error
    except OSError as error:
        raise MeterError(_METER, f"{program} does not start: {error.strerror}") from error
    said = f"{done.stdout}\n{done.stderr}"
    if "/dev/vc" in said or "VCHI initialization failed" in said:
        raise MeterPermissionError(
            _METER, "the firmware's device", command=_GRANT, then="  and log in again"
        )
    powers = rail_powers_w(done.stdout)
    if done.returncode or not powers:
        raise MeterError(
            _METER,
            f"{_PROGRAM} {_ARGUMENTS[0]} tells no rails: {' '.join(said.split())[:80]!r}",
            hint="only the Raspberry Pi 5 and its kin can tell",
        )
    return powers
