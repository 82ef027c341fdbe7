"""Any external logger: what it wrote as CSV, brought onto this machine's clock."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from time import perf_counter, sleep, time

import numpy as np
from numpy.typing import NDArray

from edgekit.benchmarks.errors import InvalidOptionError
from edgekit.benchmarks.measurement import Provenance
from edgekit.benchmarks.power.alignment import ClockFit, align_to_load, fit_clocks, rising_edges
from edgekit.benchmarks.power.errors import MeterError, MeterPermissionError
from edgekit.benchmarks.power.meter import MeterInfo, MeterState, MeterStatus, Phase
from edgekit.benchmarks.power.recording import Quantity, Recording, Trace, find_gaps
from edgekit.errors import UnreadableFileError

__all__ = ["Alignment", "CsvLogDriver", "CsvLogMeter", "read_columns"]

_METER = "csv"
_SEPARATORS = (",", ";", "\t")
_PULSES = 2
_PULSE_S = 0.1


class Alignment(StrEnum):
    """How the log's clock is brought onto this machine's."""

    CLOCK = "clock"  # it is dated in seconds since 1970, by a clock that is right
    PULSE = "pulse"  # it has a column that shows pulses, which edgekit makes
    LOAD = "load"  # the power itself shows where the device was idle and where it ran


@dataclass(frozen=True, slots=True)
class CsvLogDriver:
    """An external logger that writes CSV: a power analyser, a multimeter, another program.

    Attributes:
        path: The file. It may appear after the run, if ``wait_seconds`` is given.
        time: Column of the time.
        power: Column of the power, in W; not needed where current and voltage are there.
        current: Column of the current, in A.
        voltage: Column of the voltage, in V; or a number of volts that is constant.
        align: ``clock``, ``pulse`` or ``load``; see `Alignment`.
        sync: Column that shows the pulses.
        pulse: File that is written 1 and 0 to make them, for example the ``value`` of a GPIO or
            the ``brightness`` of a LED in sysfs.
        time_scale: Seconds to a unit of the time column.
        power_scale: W to a unit of the power column, or of current times voltage.
        wait_seconds: How long to wait for the file after the run.
    """

    path: Path
    time: str = "time_s"
    power: str = "power_w"
    current: str | None = None
    voltage: str | None = None
    align: str = "load"
    sync: str | None = None
    pulse: Path | None = None
    time_scale: float = 1.0
    power_scale: float = 1.0
    wait_seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.align not in list(Alignment):
            raise InvalidOptionError("csv:align", self.align, ", ".join(Alignment))
        if self.align == Alignment.PULSE and (self.sync is None or self.pulse is None):
            raise InvalidOptionError("csv:align", self.align, "given with sync= and pulse=")
        if (self.current is None) != (self.voltage is None):
            raise InvalidOptionError(
                "csv:current", self.current, "given together with voltage=, as column or number"
            )
        if not 0 < self.time_scale < float("inf"):
            raise InvalidOptionError("csv:time_scale", self.time_scale, "more than 0")
        if not 0 < abs(self.power_scale) < float("inf"):  # negative: wires that are swapped
            raise InvalidOptionError("csv:power_scale", self.power_scale, "a number but 0")
        if not 0 <= self.wait_seconds < float("inf"):
            raise InvalidOptionError("csv:wait_seconds", self.wait_seconds, "0 or more")

    def probe(self) -> MeterState:
        """Look for the file."""
        there = self.path.exists()
        status = MeterStatus.READY if there else MeterStatus.ABSENT
        return MeterState(status, f"{'' if there else 'no '}{self.path}")

    def open(self) -> "CsvLogMeter":
        """Return the meter; the file is read when the run is over.

        Raises:
            MeterError: There is no folder for the file, or no file to make pulses with.
        """
        if not self.path.absolute().parent.is_dir():
            raise MeterError(_METER, f"there is no folder {self.path.absolute().parent}")
        return CsvLogMeter(self)


@dataclass(slots=True)
class CsvLogMeter:
    """A log that is read after the run; see `edgekit.benchmarks.power.meter.PowerMeter`.

    Attributes:
        options: What the user said of the log.
    """

    options: CsvLogDriver
    _pulses_s: list[float] = field(default_factory=list)
    _wall_offset_s: float = 0.0
    _before: float | None = None
    _phases: tuple[Phase, ...] = ()

    @property
    def info(self) -> MeterInfo:
        """Which file, and how it is aligned."""
        options = self.options
        source = options.power if options.current is None else f"{options.current} times voltage"
        return MeterInfo(
            name=_METER,
            device=str(options.path),
            provenance=Provenance.MEASURED,
            method=f"column {source} of a log, aligned by {options.align}",
            rate_hz=0.0,
        )

    def start(self) -> None:
        """Note how the clocks lie, and make the first pulses."""
        self._wall_offset_s = perf_counter() - time()
        self._before = _modified(self.options.path)
        self._pulses_s = []
        self._make_pulses()

    def expect(self, phases: Sequence[Phase]) -> None:
        """Keep what the device did, to find it in the log."""
        self._phases = tuple(phases)

    def stop(self) -> Recording:
        """Make the last pulses, wait for the log, and find the run in it."""
        self._make_pulses()
        self._wait()
        options = self.options
        columns = read_columns(options.path, self._wanted())
        times_s = columns[options.time] * options.time_scale
        if times_s.size < 2 or not np.all(np.diff(times_s) > 0):
            raise MeterError(_METER, f"the times in {options.path} do not rise")
        power_w = self._power(columns) * options.power_scale
        fit = self._fit(times_s, power_w, columns)
        period_s = float(np.median(np.diff(times_s)))
        host_s = fit.host_times(times_s)
        return Recording(
            (Trace(options.path.name, Quantity.POWER, host_s, power_w),),
            find_gaps(host_s, period_s),
            notes=(str(fit), f"the log has {1 / period_s:.6g} samples a second"),
        )

    def close(self) -> None:
        """Nothing is open."""

    def _wanted(self) -> list[str]:
        options = self.options
        source = [options.power] if options.current is None else [options.current]
        if options.voltage is not None and not _is_number(options.voltage):
            source.append(options.voltage)
        return [options.time, *source, *([options.sync] if options.sync else [])]

    def _power(self, columns: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        current, voltage = self.options.current, self.options.voltage
        if current is None or voltage is None:
            return columns[self.options.power]
        return columns[current] * (columns[voltage] if voltage in columns else float(voltage))

    def _fit(
        self,
        times_s: NDArray[np.float64],
        power_w: NDArray[np.float64],
        columns: dict[str, NDArray[np.float64]],
    ) -> ClockFit:
        if self.options.align == Alignment.CLOCK:
            # Seconds since 1970 lose digits as soon as they are added to.
            origin = float(times_s[0])
            return ClockFit(self._wall_offset_s, None, origin, None, "clock")
        if self.options.align == Alignment.LOAD:
            return align_to_load(times_s, power_w, self._phases)
        found = rising_edges(times_s, columns[str(self.options.sync)])
        if found.size != len(self._pulses_s):
            raise MeterError(
                _METER,
                f"column {self.options.sync} shows {found.size} pulses instead of "
                f"{len(self._pulses_s)}",
                hint="start the logger before the run and end it after; check the wire",
            )
        period_s = float(np.median(np.diff(times_s)))
        return fit_clocks(self._pulses_s, found, resolution_s=period_s, method="pulses")

    def _make_pulses(self) -> None:
        if self.options.align != Alignment.PULSE or self.options.pulse is None:
            return
        for _ in range(_PULSES):
            self._pulses_s.append(perf_counter())
            _write(self.options.pulse, "1")
            sleep(_PULSE_S)
            _write(self.options.pulse, "0")
            sleep(_PULSE_S)

    def _wait(self) -> None:
        """Wait until a newer file is there that does not grow any more."""
        until = perf_counter() + self.options.wait_seconds
        if not self.options.wait_seconds:
            return
        last = None
        while perf_counter() < until:
            now = _modified(self.options.path)
            if now is not None and now != self._before and now == last:
                return
            last = now
            sleep(min(1.0, max(0.05, self.options.wait_seconds / 20)))
        raise MeterError(
            _METER,
            f"no new {self.options.path} within {self.options.wait_seconds:.0f} s",
            hint="end the logger and export its log there in time, or raise wait_seconds",
        )


def read_columns(path: Path, names: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """Return columns of numbers of a CSV file with a line of names.

    Commas, semicolons and tabs separate; whichever the line of names has most of.

    Raises:
        UnreadableFileError: The file is missing, lacks a column, or has something else than
            numbers in it.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            header = file.readline().rstrip("\r\n")
            separator = max(_SEPARATORS, key=header.count)
            titles = [title.strip().strip('"') for title in header.split(separator)]
            missing = [name for name in names if name not in titles]
            if missing:
                raise UnreadableFileError(
                    path,
                    f"it has no column '{missing[0]}'",
                    hint=f"its columns are: {', '.join(titles)}",
                )
            places = [titles.index(name) for name in names]
            table = np.loadtxt(file, np.float64, delimiter=separator, usecols=places, ndmin=2)
    except OSError as error:
        raise UnreadableFileError(path, error.strerror or str(error)) from error
    except (ValueError, IndexError) as error:
        raise UnreadableFileError(path, str(error)) from error
    return {name: table[:, column] for column, name in enumerate(names)}


def _write(path: Path, level: str) -> None:
    try:
        path.write_text(level)
    except PermissionError as error:
        raise MeterPermissionError(_METER, str(path), command=f"sudo chmod a+w {path}") from error
    except OSError as error:
        raise MeterError(_METER, f"no pulse on {path}: {error.strerror or error}") from error


def _modified(path: Path) -> float | None:
    try:
        return path.stat().st_mtime_ns / 1e9
    except OSError:
        return None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
