"""The immutable outcome of a comparison: ratio, interval, verdict, and the blocks behind them."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from edgekit.benchmarks.comparing.groups import BlockGroup
from edgekit.benchmarks.comparing.options import CompareOptions
from edgekit.benchmarks.comparing.ratio import (
    CONFIDENCE,
    RUN_TO_RUN,
    paired_ratio,
    separate_ratio,
)
from edgekit.benchmarks.environment import Environment
from edgekit.benchmarks.errors import InvalidOptionError, ResultFormatError
from edgekit.benchmarks.json_files import check_version, read_json, write_json
from edgekit.benchmarks.measurement import Measurement, Provenance
from edgekit.benchmarks.statistics import geometric_mean, median
from edgekit.benchmarks.system_state import SystemState
from edgekit.benchmarks.trust import disturbances

__all__ = ["SCHEMA_VERSION", "Comparison", "Subject", "Verdict"]

SCHEMA_VERSION = 1


class Verdict(StrEnum):
    """What a comparison says of the second model, against the first."""

    FASTER = "faster"
    SLOWER = "slower"
    NO_DIFFERENCE = "no difference seen"


@dataclass(frozen=True, slots=True)
class Subject:
    """One side of a comparison.

    Attributes:
        name: Name of the model in its manifest.
        source: The file that was given: a bundle or a result.
        model_sha256: Of ``model.tflite``.
    """

    name: str
    source: str
    model_sha256: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many times as long the second takes as the first, and what to make of it.

    Attributes:
        first: What the ratio is over, for example the old model.
        second: What is judged.
        target: Name of the target.
        provenance: Of every latency in here.
        inputs: What was fed.
        started_at: Date and time in UTC, ISO 8601; of the second result, where two were compared.
        threshold: Least relative difference that is called one.
        options: How the bundles ran in turns; None where two results were compared.
        environment: What the second ran on.
        groups: Medians of blocks of runs, a group for each loading of both models; of two
            results a single group, with the medians of their windows.
        states: Of the machine before and after, where the bundles ran in turns.
        forced: What differs between two results that were compared all the same.
        doubts: Why the latency of one of two results may not repeat, with its source.

    Raises:
        InvalidOptionError: The threshold is out of range, or blocks are missing.
    """

    first: Subject
    second: Subject
    target: str
    provenance: Provenance
    inputs: str
    started_at: str
    threshold: float
    options: CompareOptions | None
    environment: Environment
    groups: tuple[BlockGroup, ...]
    states: tuple[SystemState, ...] = ()
    forced: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.threshold < 1:
            raise InvalidOptionError("threshold", self.threshold, "from 0 to 1, for example 0.02")
        if not self.groups:
            raise InvalidOptionError("groups", "empty", "at least one")

    @property
    def in_turns(self) -> bool:
        """Whether both ran in one process, in turns."""
        return self.options is not None

    @property
    def ratio(self) -> Measurement:
        """Latency of the second over that of the first, with its bootstrap interval."""
        confidence = f"{CONFIDENCE:.0%} bootstrap interval"
        if self.options is not None:
            estimate = paired_ratio(self.groups, seed=self.options.seed)
            method = (
                f"blocks in turns, {len(self.groups)} loads, {confidence} over loads and blocks"
            )
        else:
            (group,) = self.groups
            estimate = separate_ratio(group.first_us, group.second_us, seed=0)
            method = (
                f"windows of two separate runs, {confidence} over windows "
                f"and {RUN_TO_RUN:.0%} from run to run"
            )
        bounds = (estimate.low, estimate.high)
        return Measurement(estimate.ratio, "1", self.provenance, method, bounds)

    @property
    def verdict(self) -> Verdict:
        """Slower or faster where the interval lies beyond 1 and the ratio beyond the threshold."""
        ratio = self.ratio
        low, high = ratio.interval or (ratio.value, ratio.value)
        if low > 1 and ratio.value >= 1 + self.threshold:
            return Verdict.SLOWER
        if high < 1 and ratio.value <= 1 / (1 + self.threshold):
            return Verdict.FASTER
        return Verdict.NO_DIFFERENCE

    @property
    def unstable_reasons(self) -> tuple[str, ...]:
        """What disturbed the machine; turns cancel most of it out of the ratio."""
        return (*self.doubts, *disturbances(self.states, self.environment.logical_cores))

    def is_slower_by(self, limit: float) -> bool:
        """Whether the second is slower beyond doubt, and by at least ``limit`` at best estimate.

        Args:
            limit: For example 0.05 for 5 %.
        """
        ratio = self.ratio
        low, _ = ratio.interval or (ratio.value, ratio.value)
        return low > 1 and ratio.value >= 1 + limit

    def latencies(self) -> tuple[Measurement, Measurement]:
        """Return the latency of the first and of the second.

        In turns, the geometric mean of the blocks: on a machine that is now fast and now slow,
        medians of all blocks may come from a fast moment for the one and a slow one for the
        other, and would contradict the ratio. Of results, the median of the windows.
        """
        sides = (
            [value for group in self.groups for value in group.first_us],
            [value for group in self.groups for value in group.second_us],
        )
        summary, name = (geometric_mean, "geometric mean of {} medians of blocks")
        if not self.in_turns:
            summary, name = (median, "median of {} windows")
        first, second = (
            Measurement(summary(values), "us", self.provenance, name.format(len(values)))
            for values in sides
        )
        return first, second

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as plain JSON values.

        ``ratio``, ``verdict``, ``latencies`` and ``unstable_reasons`` follow from the rest; they
        are there for other readers, and not read back.
        """
        first, second = self.latencies()
        return {
            "schema_version": SCHEMA_VERSION,
            "verdict": str(self.verdict),
            "ratio": self.ratio.to_json(),
            "latencies": {"first": first.to_json(), "second": second.to_json()},
            "unstable_reasons": list(self.unstable_reasons),
            **asdict(self),
            "provenance": str(self.provenance),
            "options": None if self.options is None else self.options.to_json(),
            "environment": self.environment.to_json(),
            "groups": [group.to_json() for group in self.groups],
            "states": [state.to_json() for state in self.states],
            "forced": list(self.forced),
            "doubts": list(self.doubts),
        }

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read a comparison back.

        Raises:
            ResultFormatError: ``data`` is of another schema version, or a field is missing,
                unknown, or of the wrong kind.
            InvalidOptionError: A value is out of range.
        """
        check_version(data, "comparison", SCHEMA_VERSION)
        derived = {"schema_version", "verdict", "ratio", "latencies", "unstable_reasons"}
        fields = {name: value for name, value in data.items() if name not in derived}
        try:
            options = data["options"]
            read = {
                "first": Subject(**data["first"]),
                "second": Subject(**data["second"]),
                "provenance": Provenance(data["provenance"]),
                "threshold": float(data["threshold"]),
                "options": None if options is None else CompareOptions.from_json(options),
                "environment": Environment.from_json(data["environment"]),
                "groups": tuple(map(BlockGroup.from_json, data["groups"])),
                "states": tuple(map(SystemState.from_json, data["states"])),
                "forced": tuple(map(str, data["forced"])),
                "doubts": tuple(map(str, data["doubts"])),
            }
            return cls(**{**fields, **read})
        except (KeyError, TypeError, ValueError) as error:
            raise ResultFormatError("comparison", str(error)) from error

    def save(self, path: str | Path) -> None:
        """Write the comparison as JSON, whole or not at all.

        Raises:
            WriteError: No space, no permission, or no such folder.
        """
        write_json(Path(path), self.to_json())

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a comparison from a file.

        Raises:
            UnreadableFileError: The file is missing, no JSON, or no comparison of a known
                version.
        """
        return read_json(Path(path), cls.from_json)
