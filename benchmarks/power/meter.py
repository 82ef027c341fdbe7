"""The protocols of a power meter: the manual of whoever writes a driver for another one."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from edgekit.benchmarks.measurement import Provenance
from edgekit.benchmarks.power.recording import Recording

__all__ = [
    "Activity",
    "MeterDriver",
    "MeterInfo",
    "MeterState",
    "MeterStatus",
    "Phase",
    "PowerMeter",
    "RunFinder",
]


class Activity(StrEnum):
    """What the device did."""

    IDLE = "idle"  # nothing: the model is loaded and waits
    RUNNING = "running"  # inferences, back to back
    COOLING = "cooling"  # nothing, just after the last inference: too warm for a baseline


@dataclass(frozen=True, slots=True)
class Phase:
    """A span of a run in which the device did one thing.

    Attributes:
        activity: What it did.
        start_s: When it began, on the clock of ``time.perf_counter``.
        end_s: When it ended.
        runs: How many inferences were made in it.
    """

    activity: Activity
    start_s: float
    end_s: float
    runs: int = 0


@dataclass(frozen=True, slots=True)
class MeterInfo:
    """What a result says of the meter that it comes from.

    Attributes:
        name: The driver's name.
        device: Which device it is: a path, a serial number, the names of its channels.
        provenance: ``MEASURED`` for whatever has a sensor.
        method: How a value comes about, in a few words.
        rate_hz: How many samples a second are expected of it.
        accuracy: What its maker or its literature says of its error, with the source; None
            where nothing is known. No interval of edgekit's holds this error.
    """

    name: str
    device: str
    provenance: Provenance
    method: str
    rate_hz: float
    accuracy: str | None = None


@runtime_checkable
class PowerMeter(Protocol):
    """A meter that is open and ready to record. Made by `MeterDriver.open`.

    A meter is used by one thread, in this order: ``info`` at any time, then ``start()`` and
    ``stop()`` any number of times, ``close()`` once.

    - Between the two it records by itself, in a thread or in its hardware, and disturbs the
      machine as little as it can: `edgekit.benchmarks.power.Poller` is the thread for
      meters that have to be asked.
    - It only records. Integration, the idle baseline, intervals and the sum over channels are
      made by `edgekit.benchmarks.power.energy`, so that all meters are treated alike.
    """

    @property
    def info(self) -> MeterInfo:
        """What a result shall say of it."""
        ...

    def start(self) -> None:
        """Begin to record; return when the first sample is certain to lie in the past.

        Raises:
            MeterError: The meter does not answer.
            MeterPermissionError: It may not be read; the error has the command that grants it.
        """
        ...

    def stop(self) -> Recording:
        """End and return what was recorded since ``start``.

        - Samples are of power (W) or of an energy counter (J, wraps undone): say which.
        - Times are those of ``time.perf_counter`` on the machine that calls. A meter with a
          clock of its own has to bring its times there, and to say how in a note.
        - What was lost is a gap, what was cut off is counted as saturated. Nothing is filled in.

        Raises:
            MeterError: The meter failed, or what it recorded cannot be trusted.
        """
        ...

    def close(self) -> None:
        """Free the meter; closing twice is fine. Called also after an error."""
        ...


@runtime_checkable
class RunFinder(Protocol):
    """What a meter has besides, that has to find the run in a recording made elsewhere."""

    def expect(self, phases: Sequence[Phase]) -> None:
        """Hear what the device did since ``start``; called just before ``stop``."""
        ...


class MeterStatus(StrEnum):
    """Whether a meter could be used at this moment."""

    READY = "ready"  # it is there and may be read
    ABSENT = "absent"  # there is none on this machine
    NO_PERMISSION = "no permission"  # there is one, which this user may not read
    MISSING_PACKAGE = "missing package"  # its Python package is not installed
    BROKEN = "broken"  # its driver, of another package, cannot be loaded


@dataclass(frozen=True, slots=True)
class MeterState:
    """What a driver found when it looked for its meter.

    Attributes:
        status: Whether it could be used.
        detail: What was found, or what is missing.
        command: What would make it usable, where a command does.
    """

    status: MeterStatus
    detail: str
    command: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the state as plain JSON values."""
        return {**asdict(self), "status": str(self.status)}


@runtime_checkable
class MeterDriver(Protocol):
    """A kind of meter, with what the user chooses about it.

    To add one, write a dataclass with these two members and the entry point that names it:

        [options.entry_points]
        edgekit.power_meters =
            mymeter = my_package.my_module:MyMeterDriver

    Its fields are its options: ``--power mymeter:port=/dev/ttyUSB0,rate_hz=50`` makes
    ``MyMeterDriver(port="/dev/ttyUSB0", rate_hz=50.0)``. They may be of type str, int, float,
    bool or Path, or any of these or None. The first line of the class's docstring is what lists
    of meters show. Making the dataclass touches nothing; heavy packages are imported in
    ``open``.
    """

    def probe(self) -> MeterState:
        """Look for the meter without changing anything, in a few milliseconds."""
        ...

    def open(self) -> PowerMeter:
        """Open the meter.

        Raises:
            MeterError: It is not there, or does not answer.
            MeterPermissionError: It may not be read; the error has the command that grants it.
            MissingDependencyError: Its Python package is not installed.
        """
        ...
