"""RAPL: the energy counters of Intel and AMD processors, through Linux's powercap."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

from edgekit.benchmarks.measurement import Provenance
from edgekit.benchmarks.power.counter import unwrap
from edgekit.benchmarks.power.errors import MeterError
from edgekit.benchmarks.power.meter import MeterInfo, MeterState, MeterStatus
from edgekit.benchmarks.power.polling import Poller
from edgekit.benchmarks.power.recording import Quantity, Recording, Trace, find_gaps
from edgekit.benchmarks.power.sysfs import may_read, optional_text, read_number, read_word

__all__ = ["RaplDriver", "RaplMeter"]

_METER = "rapl"
# The zones of the MMIO interface (intel-rapl-mmio:*) are the same counters once more.
_ZONES = "sys/class/powercap/intel-rapl:*"
# A domain that names no limit of its own: more than any socket on the market takes.
_MAX_POWER_W = 1000.0
# What the package's counter does not hold (Intel, Software Developer's Manual, volume 3B,
# section "RAPL Domains and Platform Specificity"): memory is a domain beside it, cores and
# graphics are planes of it, and the platform holds them all.
_MEMORY, _PLATFORM = "dram", "psys"


@dataclass(frozen=True, slots=True)
class RaplDriver:
    """Intel and AMD processors: the RAPL counters of Linux's powercap.

    Attributes:
        root: Where ``sys`` is mounted.
        rate_hz: How often the counters are read. They advance about every millisecond.
    """

    root: Path = Path("/")
    rate_hz: float = 100.0

    def probe(self) -> MeterState:
        """Look for the counters and whether they may be read."""
        zones = self._zones()
        if not zones:
            return MeterState(MeterStatus.ABSENT, f"no {self.root / _ZONES}")
        names = ", ".join(optional_text(zone / "name") for zone in zones)
        return may_read([zone / "energy_uj" for zone in zones], names, command=self._command)

    def open(self) -> "RaplMeter":
        """Open every domain.

        Raises:
            MeterError: This processor or kernel has no RAPL.
            MeterPermissionError: The counters may not be read.
        """
        zones = self._zones()
        if not zones:
            raise MeterError(
                _METER,
                f"there is no {self.root / _ZONES}",
                hint="on Intel or AMD: sudo modprobe intel_rapl_msr; a virtual machine has none",
            )
        domains = [self._domain(zone) for zone in zones]
        if all(domain.name == _PLATFORM for domain in domains):
            domains = [replace(domain, counted=True) for domain in domains]
        for domain in domains:
            read_number(_METER, domain.counter, command=self._command)
        return RaplMeter(tuple(domains), self.rate_hz, self._command)

    @property
    def _command(self) -> str:
        return f"sudo chmod a+r {self.root / _ZONES}/energy_uj"

    def _zones(self) -> list[Path]:
        return sorted(self.root.glob(_ZONES))

    def _domain(self, zone: Path) -> "Domain":
        name = read_word(_METER, zone / "name", command=self._command)
        # intel-rapl:0:1 is the second plane of intel-rapl:0.
        parent = zone.name.rpartition(":")[0]
        inner = ":" in parent
        limit = optional_text(zone / "constraint_0_max_power_uw")
        return Domain(
            name=f"{optional_text(zone.with_name(parent) / 'name')}/{name}" if inner else name,
            counter=zone / "energy_uj",
            span_uj=read_number(_METER, zone / "max_energy_range_uj", command=self._command),
            max_power_w=int(limit) / 1e6 if limit.isdigit() and int(limit) else _MAX_POWER_W,
            counted=name == _MEMORY if inner else name != _PLATFORM,
        )


@dataclass(frozen=True, slots=True)
class Domain:
    """One energy counter.

    Attributes:
        name: For example ``package-0`` or ``package-0/core``.
        counter: The file it is read from.
        span_uj: At which value it starts again from 0.
        max_power_w: More than this the domain never takes.
        counted: Whether it adds to the total.
    """

    name: str
    counter: Path
    span_uj: int
    max_power_w: float
    counted: bool


class RaplMeter:
    """Open RAPL domains; see `edgekit.benchmarks.power.meter.PowerMeter`."""

    def __init__(self, domains: tuple[Domain, ...], rate_hz: float, command: str) -> None:
        self._domains = domains
        self._rate_hz = rate_hz
        self._command = command
        self._poller = Poller(_METER, self._read, rate_hz)

    @property
    def info(self) -> MeterInfo:
        """Which domains, and what is known of their error."""
        return MeterInfo(
            name=_METER,
            device=", ".join(domain.name for domain in self._domains),
            provenance=Provenance.MEASURED,
            method="energy counters of the processor, wraps undone",
            rate_hz=self._rate_hz,
            accuracy="not stated by the makers; the processor alone, not the whole machine",
        )

    def start(self) -> None:
        """Begin to read the counters."""
        self._poller.start()

    def stop(self) -> Recording:
        """Return the energy of each domain since the start."""
        times_s, readings = self._poller.stop()
        awake_or_not_s = readings[:, -1]
        traces = tuple(
            Trace(
                domain.name,
                Quantity.ENERGY,
                times_s,
                unwrap(
                    awake_or_not_s,
                    readings[:, column],
                    span=domain.span_uj,
                    max_rate=domain.max_power_w * 1e6,
                    meter=_METER,
                )
                / 1e6,
                domain.counted,
            )
            for column, domain in enumerate(self._domains)
        )
        # A counter goes on through a gap: nothing is lost but where within it the energy went.
        return Recording(traces, find_gaps(times_s, 1 / self._rate_hz))

    def close(self) -> None:
        """End the thread."""
        self._poller.halt()

    def _read(self) -> list[float]:
        readings = [
            read_number(_METER, domain.counter, command=self._command) for domain in self._domains
        ]
        # The clock of the samples stands still while the machine sleeps, counters need not.
        return [*readings, time.clock_gettime(time.CLOCK_BOOTTIME)]
