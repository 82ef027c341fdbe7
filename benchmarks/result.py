"""The immutable outcome of a benchmark: every raw sample, and what follows from them."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from edgekit.benchmarks.environment import Environment
from edgekit.benchmarks.errors import ResultFormatError
from edgekit.benchmarks.json_files import check_version, read_json, write_json
from edgekit.benchmarks.measurement import Measurement, Provenance
from edgekit.benchmarks.options import BenchmarkOptions
from edgekit.benchmarks.power.energy import EnergyResult
from edgekit.benchmarks.statistics import (
    mad,
    median,
    median_interval,
    order_interval,
    p90,
    p99,
)
from edgekit.benchmarks.system_state import SystemState
from edgekit.benchmarks.trust import reasons_against
from edgekit.benchmarks.window import Window

__all__ = ["SCHEMA_VERSION", "BenchmarkResult"]

SCHEMA_VERSION = 2


@dataclass(frozen=True, slots=True)
class BenchmarkResult:
    """What was measured, where, how, and how far it can be trusted.

    Attributes:
        model: Name of the model in the bundle's manifest.
        model_sha256: Of ``model.tflite``.
        target: Name of the target.
        provenance: Of every number in here but the energy, which has its own.
        inputs: What was fed, for example ``random, seed 0``.
        started_at: Date and time in UTC, ISO 8601.
        options: How it was run.
        environment: What it ran on.
        load_us: Time to make the model ready.
        first_inference_us: Latency of the first inference after that.
        warmup_runs: How many runs followed that are in no window.
        windows: The measured runs, in the order they ran.
        states: Of the machine before the first window and after each; empty for a target that
            nothing can disturb.
        peak_rss_bytes: Of the whole process, None where the target cannot tell.
        energy: Of one inference; None where it was not asked for.
    """

    model: str
    model_sha256: str
    target: str
    provenance: Provenance
    inputs: str
    started_at: str
    options: BenchmarkOptions
    environment: Environment
    load_us: float
    first_inference_us: float
    warmup_runs: int
    windows: tuple[Window, ...]
    states: tuple[SystemState, ...]
    peak_rss_bytes: int | None
    energy: EnergyResult | None = None

    @property
    def samples_us(self) -> tuple[float, ...]:
        """The raw latencies of all windows, one after the other."""
        return tuple(sample for window in self.windows for sample in window.samples_us)

    @property
    def unstable_reasons(self) -> tuple[str, ...]:
        """Why latency or energy may not repeat, in sentences; empty where nothing says so."""
        reasons = reasons_against(
            self.windows,
            self.states,
            asked=self.options.windows,
            cores=self.environment.logical_cores,
        )
        return reasons if self.energy is None else (*reasons, *self.energy.unstable_reasons)

    @property
    def unstable(self) -> bool:
        """Whether there are reasons not to trust them."""
        return bool(self.unstable_reasons)

    @property
    def latency(self) -> Measurement:
        """Median over the windows of their median latencies, with an interval and all samples.

        The interval holds the true median of windows with the probability that its method
        states, if windows are independent; of a single window, samples are taken to be.
        """
        medians = [window.median_us for window in self.windows]
        if len(medians) == 1:
            value, method = medians[0], "median of 1 window, 95 % bootstrap interval"
            low, high = median_interval(self.samples_us, seed=self.options.seed)
        else:
            value, interval = median(medians), order_interval(medians)
            low, high = interval.low, interval.high
            method = f"median of {len(medians)} windows, {interval.coverage:.0%} order interval"
        # Interpolation between two equal numbers can be off by a rounding error.
        bounds = (min(low, value), max(high, value))
        return Measurement(value, "us", self.provenance, method, bounds, self.samples_us)

    def measurements(self) -> dict[str, Measurement]:
        """Return every figure that a table of this result shows, by name."""
        samples = self.samples_us
        kept = f"of {len(samples)} runs"
        rate = median([window.throughput_per_s for window in self.windows])

        def made(value: float, unit: str, method: str) -> Measurement:
            return Measurement(value, unit, self.provenance, method)

        figures = {
            "latency": self.latency,
            "latency_p50": made(median(samples), "us", f"50th percentile {kept}"),
            "latency_p90": made(p90(samples), "us", f"90th percentile {kept}"),
            "latency_p99": made(p99(samples), "us", f"99th percentile {kept}"),
            "latency_mad": made(mad(samples), "us", f"median absolute deviation {kept}, unscaled"),
            "throughput": made(rate, "1/s", "runs over their time, median of windows"),
            "first_inference": made(self.first_inference_us, "us", "one run after loading"),
            "load": made(self.load_us, "us", "from the open bundle to a ready interpreter"),
        }
        if self.peak_rss_bytes is not None:
            figures["peak_rss"] = made(
                self.peak_rss_bytes, "bytes", "peak resident memory of the whole process"
            )
        return figures if self.energy is None else {**figures, **self.energy.measurements()}

    def to_json(self) -> dict[str, Any]:
        """Return the result as plain JSON values.

        ``measurements`` and ``unstable_reasons`` follow from the rest; they are there for other
        readers, and not read back.
        """
        derived = {
            name: replace(measurement, samples=()).to_json()
            for name, measurement in self.measurements().items()
        }
        return {
            "schema_version": SCHEMA_VERSION,
            **asdict(self),
            "provenance": str(self.provenance),
            "options": self.options.to_json(),
            "environment": self.environment.to_json(),
            "windows": [window.to_json() for window in self.windows],
            "states": [state.to_json() for state in self.states],
            "energy": None if self.energy is None else self.energy.to_json(),
            "measurements": derived,
            "unstable_reasons": list(self.unstable_reasons),
        }

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read a result back.

        Raises:
            ResultFormatError: ``data`` is of another schema version, or a field is missing,
                unknown, or of the wrong kind.
            InvalidOptionError: An option is out of range.
        """
        check_version(data, "benchmark result", SCHEMA_VERSION)
        derived = {"schema_version", "measurements", "unstable_reasons"}
        fields = {name: value for name, value in data.items() if name not in derived}
        try:
            return cls(
                **{
                    **fields,
                    "provenance": Provenance(data["provenance"]),
                    "options": BenchmarkOptions.from_json(data["options"]),
                    "environment": Environment.from_json(data["environment"]),
                    "load_us": float(data["load_us"]),
                    "first_inference_us": float(data["first_inference_us"]),
                    "windows": _windows(data["windows"]),
                    "states": tuple(map(SystemState.from_json, data["states"])),
                    "energy": _energy(data.get("energy")),
                }
            )
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ResultFormatError("benchmark result", str(error)) from error

    def save(self, path: str | Path) -> None:
        """Write the result as JSON, whole or not at all.

        Raises:
            WriteError: No space, no permission, or no such folder.
        """
        write_json(Path(path), self.to_json())

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a result from a file.

        Raises:
            UnreadableFileError: The file is missing, no JSON, or no result of a known version.
        """
        return read_json(Path(path), cls.from_json)


def _energy(value: Any) -> EnergyResult | None:
    return None if value is None else EnergyResult.from_json(value)


def _windows(values: Any) -> tuple[Window, ...]:
    windows = tuple(map(Window.from_json, values))
    if not windows:
        raise ResultFormatError("benchmark result", "it has no window")
    return windows
