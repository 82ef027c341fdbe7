"""Energy per inference: what a recording says of the windows of a benchmark."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from edgekit.benchmarks.errors import ResultFormatError
from edgekit.benchmarks.measurement import Measurement, Provenance
from edgekit.benchmarks.power.errors import MeterError
from edgekit.benchmarks.power.meter import Activity, MeterInfo, Phase
from edgekit.benchmarks.power.recording import Recording, Trace

__all__ = ["MAX_GAP_SHARE", "ChannelEnergy", "EnergyResult", "energy_per_inference"]

# Beyond this share of the windows without samples, integration is a guess.
MAX_GAP_SHARE = 0.02
MIN_TRUSTED_WINDOWS = 3
MIN_WINDOW_SAMPLES = 10

_RESAMPLES = 2000
# Into how many parts the idle time is cut, to see how much it varies.
_IDLE_SLICES = 10
_INTERVAL = "95 % bootstrap interval over windows"


@dataclass(frozen=True, slots=True)
class ChannelEnergy:
    """The energy of one channel of a meter.

    Attributes:
        name: For example ``package-0``.
        counted: Whether it is part of the total; False where another channel holds it already.
        per_inference: Energy in uJ.
    """

    name: str
    counted: bool
    per_inference: Measurement


@dataclass(frozen=True, slots=True)
class EnergyResult:
    """What one inference costs, by which meter, and how far that can be trusted.

    Attributes:
        meter: What measured it, or the model that estimated it.
        per_inference: Energy of one inference in uJ: all that the meter's place takes while
            inferences run back to back, over their number. Samples are the windows.
        above_idle: What of it comes on top of the idle power in the same time, in uJ; None where
            no idle time was measured.
        active_power: Mean power while inferences ran, in mW.
        idle_power: Mean power while the loaded model waited, in mW; None where not measured.
        channels: The same by channel.
        sample_count: Samples in the windows.
        gap_s: Time without samples in the windows and the idle time.
        window_s: Length of the windows together.
        saturated_samples: Samples that were cut off in the windows and the idle time.
        notes: What the meter said, in sentences.
    """

    meter: MeterInfo
    per_inference: Measurement
    above_idle: Measurement | None
    active_power: Measurement
    idle_power: Measurement | None
    channels: tuple[ChannelEnergy, ...] = ()
    sample_count: int = 0
    gap_s: float = 0.0
    window_s: float = 0.0
    saturated_samples: int = 0
    notes: tuple[str, ...] = ()

    @property
    def unstable_reasons(self) -> tuple[str, ...]:
        """Why the energy may not be right, in sentences; empty where nothing speaks against it."""
        if self.per_inference.provenance is Provenance.ESTIMATED:
            return ()
        reasons = []
        windows = len(self.per_inference.samples)
        if self.saturated_samples:
            reasons.append(
                f"the meter was beyond its range in {self.saturated_samples} samples: "
                "the true energy is higher"
            )
        if self.window_s and self.gap_s / self.window_s > MAX_GAP_SHARE:
            reasons.append(f"the meter lost {self.gap_s:.2g} s of samples")
        if windows < MIN_TRUSTED_WINDOWS:
            reasons.append(f"energy of {windows} windows, fewer than {MIN_TRUSTED_WINDOWS}")
        elif self.sample_count < MIN_WINDOW_SAMPLES * windows:
            reasons.append(
                f"the meter took {self.sample_count} samples in {windows} windows, fewer than "
                f"{MIN_WINDOW_SAMPLES} in each"
            )
        interval = self.above_idle.interval if self.above_idle else None
        if interval is not None and interval[0] <= 0:
            reasons.append("the energy above idle cannot be told from zero")
        return tuple(reasons)

    def measurements(self) -> dict[str, Measurement]:
        """Return every figure that a table shows, by name."""
        figures = {
            "energy": self.per_inference,
            "energy_above_idle": self.above_idle,
            "active_power": self.active_power,
            "idle_power": self.idle_power,
        }
        return {name: figure for name, figure in figures.items() if figure is not None}

    def to_json(self) -> dict[str, Any]:
        """Return the result as plain JSON values."""
        figures = {name: figure.to_json() for name, figure in self._figures().items()}
        return {
            **dict.fromkeys(("above_idle", "idle_power")),
            **figures,
            "meter": {**asdict(self.meter), "provenance": str(self.meter.provenance)},
            "channels": [
                {
                    "name": channel.name,
                    "counted": channel.counted,
                    "per_inference": channel.per_inference.to_json(),
                }
                for channel in self.channels
            ],
            "sample_count": self.sample_count,
            "gap_s": self.gap_s,
            "window_s": self.window_s,
            "saturated_samples": self.saturated_samples,
            "notes": list(self.notes),
            "unstable_reasons": list(self.unstable_reasons),
        }

    def _figures(self) -> dict[str, Measurement]:
        names = ("per_inference", "above_idle", "active_power", "idle_power")
        figures = {name: getattr(self, name) for name in names}
        return {name: figure for name, figure in figures.items() if figure is not None}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read a result back; ``unstable_reasons`` follow from the rest and are not read.

        Raises:
            ResultFormatError: A field is missing, unknown, or of the wrong kind.
            MeasurementError: A figure is no measurement.
        """
        try:
            fields = {name: value for name, value in data.items() if name != "unstable_reasons"}
            for name in ("above_idle", "idle_power"):
                if fields[name] is not None:
                    fields[name] = Measurement.from_json(fields[name])
            for name in ("per_inference", "active_power"):
                fields[name] = Measurement.from_json(fields[name])
            meter = fields["meter"]
            fields["meter"] = MeterInfo(**{**meter, "provenance": Provenance(meter["provenance"])})
            fields["channels"] = tuple(
                ChannelEnergy(
                    **{**channel, "per_inference": Measurement.from_json(channel["per_inference"])}
                )
                for channel in fields["channels"]
            )
            fields["notes"] = tuple(fields["notes"])
            return cls(**fields)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ResultFormatError("energy result", str(error)) from error


def energy_per_inference(
    recording: Recording, phases: Sequence[Phase], info: MeterInfo, *, seed: int
) -> EnergyResult:
    """Return the energy of one inference, with what of it is above the idle power.

    The figure is the median of the windows, as it is for latencies. Its interval is a percentile
    bootstrap over the windows (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993,
    chapter 13); for what is above idle, parts of the idle time are drawn along with them. It
    tells how well the run would repeat, not how right the meter is: see `MeterInfo.accuracy`.

    Args:
        recording: What the meter recorded, over all the phases.
        phases: What the device did when; at least one with runs.
        info: Of the meter.
        seed: Of the bootstrap.

    Raises:
        MeterError: The recording does not hold a phase, or there is nothing to measure.
    """
    windows = [phase for phase in phases if phase.activity is Activity.RUNNING and phase.runs]
    idle = [phase for phase in phases if phase.activity is Activity.IDLE]
    counted = [trace for trace in recording.traces if trace.counted]
    if not windows or not counted:
        what = "no window of inferences" if not windows else "no channel that counts"
        raise MeterError(info.name, f"there is {what}", hint="this is the driver's mistake")
    runs = np.array([window.runs for window in windows], np.float64)
    seconds = np.array([window.end_s - window.start_s for window in windows])
    by_trace = {id(trace): _energies_uj(trace, windows) for trace in recording.traces}
    energy_uj = np.sum([by_trace[id(trace)] for trace in counted], axis=0)
    idle_mw = _idle_slices_mw(counted, idle)
    generator = np.random.default_rng(seed)
    drawn = generator.integers(0, runs.size, (_RESAMPLES, runs.size))
    spans = [(phase.start_s, phase.end_s) for phase in (*windows, *idle)]

    def made(per_window: NDArray[np.float64], unit: str, what: str) -> Measurement:
        resampled = np.median(per_window[drawn], axis=1)
        return _measurement(per_window, resampled, unit, info, what)

    above = None
    if idle_mw.size:
        rest = generator.integers(0, idle_mw.size, (_RESAMPLES, idle_mw.size))
        idle_means = idle_mw[rest].mean(axis=1)
        share_ms = seconds * 1e3 / runs
        per_window = energy_uj / runs - idle_mw.mean() * share_ms
        resampled = (energy_uj / runs)[drawn] - idle_means[:, None] * share_ms[drawn]
        what = f"above the idle power of {sum(p.end_s - p.start_s for p in idle):.3g} s"
        above = _measurement(per_window, np.median(resampled, axis=1), "uJ", info, what)
    return EnergyResult(
        meter=info,
        per_inference=made(energy_uj / runs, "uJ", "all that the meter's place takes"),
        above_idle=above,
        active_power=made(energy_uj / seconds / 1e3, "mW", "mean while inferences ran"),
        idle_power=_idle_power(idle_mw, generator, info) if idle_mw.size else None,
        channels=tuple(
            ChannelEnergy(
                trace.channel, trace.counted, made(by_trace[id(trace)] / runs, "uJ", trace.channel)
            )
            for trace in recording.traces
        ),
        sample_count=sum(counted[0].samples_within(w.start_s, w.end_s) for w in windows),
        gap_s=sum(gap.within(*span) for gap in recording.gaps for span in spans),
        window_s=float(seconds.sum()),
        saturated_samples=sum(
            any(start <= time <= end for start, end in spans) for time in recording.saturated_at_s
        ),
        notes=recording.notes,
    )


def _energies_uj(trace: Trace, windows: Sequence[Phase]) -> NDArray[np.float64]:
    return np.array([trace.energy_j(window.start_s, window.end_s) * 1e6 for window in windows])


def _idle_slices_mw(traces: Sequence[Trace], idle: Sequence[Phase]) -> NDArray[np.float64]:
    """Return the mean power of equal parts of each idle phase, with samples in each."""
    powers = []
    for phase in idle:
        samples = min(trace.samples_within(phase.start_s, phase.end_s) for trace in traces)
        count = max(1, min(_IDLE_SLICES, samples // 2))
        edges = np.linspace(phase.start_s, phase.end_s, count + 1)
        for start, end in pairwise(edges.tolist()):
            joules = sum(trace.energy_j(start, end) for trace in traces)
            powers.append(joules / (end - start) * 1e3)
    return np.array(powers, np.float64)


def _idle_power(
    slices_mw: NDArray[np.float64], generator: np.random.Generator, info: MeterInfo
) -> Measurement:
    drawn = generator.integers(0, slices_mw.size, (_RESAMPLES, slices_mw.size))
    low, high = np.percentile(slices_mw[drawn].mean(axis=1), (2.5, 97.5))
    value = float(slices_mw.mean())
    return Measurement(
        value,
        "mW",
        info.provenance,
        f"{info.name}: mean while the loaded model waited, 95 % bootstrap interval over its parts",
        (min(float(low), value), max(float(high), value)),
        tuple(slices_mw.tolist()),
    )


def _measurement(
    per_window: NDArray[np.float64],
    resampled: NDArray[np.float64],
    unit: str,
    info: MeterInfo,
    what: str,
) -> Measurement:
    value = float(np.median(per_window))
    low, high = (float(bound) for bound in np.percentile(resampled, (2.5, 97.5)))
    return Measurement(
        value,
        unit,
        info.provenance,
        f"{info.name}: {what}, median of {per_window.size} windows, {_INTERVAL}",
        # Interpolation between two equal numbers can be off by a rounding error.
        (min(low, value), max(high, value)),
        tuple(per_window.tolist()),
    )
