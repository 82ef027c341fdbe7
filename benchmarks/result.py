"""The immutable outcome of a benchmark: every raw sample, and what follows from them."""

import json
import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from edgekit.benchmarks.environment import Environment
from edgekit.benchmarks.errors import ResultFormatError
from edgekit.benchmarks.measurement import Measurement, Provenance
from edgekit.benchmarks.options import BenchmarkOptions
from edgekit.benchmarks.statistics import mad, median, median_interval, p90, p99, throughput
from edgekit.errors import EdgekitError, UnreadableFileError
from edgekit.files import atomic_write

__all__ = ["MAX_RELATIVE_MAD", "MIN_TRUSTED_RUNS", "SCHEMA_VERSION", "BenchmarkResult"]

SCHEMA_VERSION = 1
# Above these a second run would likely give another median; a quiet host stays below 1 %.
MAX_RELATIVE_MAD = 0.05
MIN_TRUSTED_RUNS = 30


@dataclass(frozen=True, slots=True)
class BenchmarkResult:
    """What was measured, where, how, and how far it can be trusted.

    Attributes:
        model: Name of the model in the bundle's manifest.
        model_sha256: Of ``model.tflite``.
        target: Name of the target.
        provenance: Of every number in here.
        inputs: What was fed, for example ``random, seed 0``.
        started_at: Date and time in UTC, ISO 8601.
        options: How it was run.
        environment: What it ran on, captured before the measured runs.
        load_us: Time to make the model ready.
        first_inference_us: Latency of the first inference after that.
        warmup_runs: How many runs followed that are not in ``samples_us``.
        samples_us: Latency of each measured run, in the order they ran.
        peak_rss_bytes: Of the whole process, None where the target cannot tell.
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
    samples_us: tuple[float, ...]
    peak_rss_bytes: int | None

    @property
    def unstable_reasons(self) -> tuple[str, ...]:
        """Why the median may not repeat, in sentences; empty where nothing speaks against it."""
        spread = mad(self.samples_us) / median(self.samples_us)
        reasons = []
        if spread > MAX_RELATIVE_MAD:
            reasons.append(
                f"the spread is too wide: MAD is {spread:.1%} of the median, "
                f"more than {MAX_RELATIVE_MAD:.0%}"
            )
        if len(self.samples_us) < MIN_TRUSTED_RUNS:
            reasons.append(f"too few runs: {len(self.samples_us)}, less than {MIN_TRUSTED_RUNS}")
        return tuple(reasons)

    @property
    def unstable(self) -> bool:
        """Whether there are reasons not to trust the median."""
        return bool(self.unstable_reasons)

    @property
    def latency(self) -> Measurement:
        """Median latency, with its 95 % bootstrap interval and all samples."""
        value = median(self.samples_us)
        low, high = median_interval(self.samples_us, seed=self.options.seed)
        return Measurement(
            value,
            "us",
            self.provenance,
            f"median of {len(self.samples_us)} runs, 95 % bootstrap interval",
            # Interpolation between two equal numbers can be off by a rounding error.
            (min(low, value), max(high, value)),
            self.samples_us,
        )

    def measurements(self) -> dict[str, Measurement]:
        """Return every figure that a table of this result shows, by name."""
        samples = self.samples_us
        runs = f"of {len(samples)} runs"

        def made(value: float, unit: str, method: str) -> Measurement:
            return Measurement(value, unit, self.provenance, method)

        figures = {
            "latency": self.latency,
            "latency_p90": made(p90(samples), "us", f"90th percentile {runs}"),
            "latency_p99": made(p99(samples), "us", f"99th percentile {runs}"),
            "latency_mad": made(mad(samples), "us", f"median absolute deviation {runs}, unscaled"),
            "throughput": made(throughput(samples), "1/s", f"number over total time {runs}"),
            "first_inference": made(self.first_inference_us, "us", "one run after loading"),
            "load": made(self.load_us, "us", "from the open bundle to a ready interpreter"),
        }
        if self.peak_rss_bytes is not None:
            figures["peak_rss"] = made(
                self.peak_rss_bytes, "bytes", "peak resident memory of the whole process"
            )
        return figures

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
            "samples_us": list(self.samples_us),
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
        version = data.get("schema_version") if isinstance(data, dict) else None
        if version != SCHEMA_VERSION:
            raise ResultFormatError(
                "benchmark result",
                f"its schema version is {version!r}, this edgekit reads {SCHEMA_VERSION}",
                hint="read it with the edgekit version that wrote it, or measure again",
            )
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
                    "samples_us": _samples(data["samples_us"]),
                }
            )
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ResultFormatError("benchmark result", str(error)) from error

    def save(self, path: str | Path) -> None:
        """Write the result as JSON, whole or not at all.

        Raises:
            WriteError: No space, no permission, or no such folder.
        """
        text = json.dumps(self.to_json(), indent=1, ensure_ascii=False, allow_nan=False)
        atomic_write(Path(path), f"{text}\n")

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a result from a file.

        Raises:
            UnreadableFileError: The file is missing, no JSON, or no result of a known version.
        """
        path = Path(path)
        try:
            return cls.from_json(json.loads(path.read_bytes()))
        except OSError as error:
            raise UnreadableFileError(path, error.strerror or str(error)) from error
        except EdgekitError as error:
            raise UnreadableFileError(path, error.message, hint=error.hint) from error
        except (ValueError, RecursionError) as error:
            raise UnreadableFileError(path, f"it is not JSON ({error})") from error


def _samples(values: Any) -> tuple[float, ...]:
    samples = tuple(map(float, values))
    if not samples or not all(math.isfinite(value) and value > 0 for value in samples):
        raise ResultFormatError("benchmark result", "a sample is missing or no positive number")
    return samples
