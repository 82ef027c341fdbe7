"""The profile of a model: where its time goes, how much of it is accounted for, and the roofs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from edgekit.benchmarks.environment import Environment
from edgekit.benchmarks.errors import ResultFormatError
from edgekit.benchmarks.json_files import check_version, read_json, write_json
from edgekit.benchmarks.measurement import Measurement, Provenance
from edgekit.benchmarks.profiling.operator import OperatorProfile, PartitionProfile, added_time
from edgekit.benchmarks.profiling.options import ProfileOptions
from edgekit.benchmarks.profiling.peaks import MachinePeaks
from edgekit.benchmarks.statistics import mad, median, median_interval
from edgekit.benchmarks.trust import MAX_RELATIVE_MAD

__all__ = ["MAX_UNCOVERED", "MIN_TRUSTED_ROUNDS", "SCHEMA_VERSION", "Profile"]

SCHEMA_VERSION = 1
# How much of the whole may be missing, or too much, before operators are not to be believed.
MAX_UNCOVERED = 0.1
MIN_TRUSTED_ROUNDS = 5
_WHAT = "profile"


@dataclass(frozen=True, slots=True)
class Profile:
    """What every operator of a model costs.

    Attributes:
        model: Name of the model in the bundle's manifest.
        model_sha256: Of ``model.tflite``.
        inputs: What was fed, for example ``random, seed 0``.
        started_at: Date and time in UTC, ISO 8601.
        options: How it was measured.
        environment: On what.
        operators: In the order in which they were cut off.
        partitions: What a delegate runs as one; empty where there is none.
        call_us: In each round, what a model without operators takes: the call itself.
        whole_us: In each round, what the bundle's own model takes.
        peaks: The machine's; None where they were not measured.
    """

    model: str
    model_sha256: str
    inputs: str
    started_at: str
    options: ProfileOptions
    environment: Environment
    operators: tuple[OperatorProfile, ...]
    partitions: tuple[PartitionProfile, ...]
    call_us: tuple[float, ...]
    whole_us: tuple[float, ...]
    peaks: MachinePeaks | None = None

    @property
    def whole(self) -> Measurement:
        """What the model takes, called as a whole."""
        value = median(self.whole_us)
        low, high = median_interval(self.whole_us, seed=self.options.seed)
        return Measurement(
            value,
            "us",
            Provenance.MEASURED,
            f"median over {len(self.whole_us)} rounds of one call; 95 % bootstrap interval",
            (min(low, value), max(high, value)),
            self.whole_us,
        )

    @property
    def call(self) -> Measurement:
        """What a call takes that computes nothing."""
        return added_time(self.call_us, seed=self.options.seed)

    @property
    def coverage(self) -> float:
        """The call and the sum of all operators over the whole; 1 where nothing is missing.

        Below, the whole does something that no operator alone does; above, an operator costs
        more where the model ends with it, as its output has to be written.
        """
        times = [item.time(seed=self.options.seed).value for item in self.operators]
        return (self.call.value + sum(times)) / self.whole.value

    @property
    def unstable_reasons(self) -> tuple[str, ...]:
        """Why the times may not repeat, in sentences; empty where nothing speaks against them."""
        reasons = []
        spread = mad(self.whole_us) / median(self.whole_us)
        if spread > MAX_RELATIVE_MAD:
            reasons.append(
                f"the spread is too wide: MAD of the whole model is {spread:.1%} of its median, "
                f"more than {MAX_RELATIVE_MAD:.0%}"
            )
        if abs(self.coverage - 1) > MAX_UNCOVERED:
            reasons.append(
                f"call and operators are {self.coverage:.1%} of the whole, more than "
                f"{MAX_UNCOVERED:.0%} from it"
            )
        if len(self.whole_us) < MIN_TRUSTED_ROUNDS:
            reasons.append(f"too few rounds: {len(self.whole_us)}, less than {MIN_TRUSTED_ROUNDS}")
        return tuple(reasons)

    def share(self, row: OperatorProfile | PartitionProfile) -> float:
        """Return how much of the whole a row takes, between 0 and about 1."""
        return row.time(seed=self.options.seed).value / self.whole.value

    def rate(self, row: OperatorProfile | PartitionProfile) -> float | None:
        """Return a row's multiply-accumulates a second.

        None where it has none, or where its time cannot be told from zero.
        """
        time = row.time(seed=self.options.seed)
        if not row.macs or time.interval is None or time.interval[0] <= 0:
            return None
        return row.macs / (time.value / 1e6)

    def to_json(self) -> dict[str, Any]:
        """Return the profile as plain JSON values.

        ``whole``, ``coverage``, ``unstable_reasons`` and what is ``derived`` of each row follow
        from the rest; they are there for other readers, and not read back.
        """
        return {
            "schema_version": SCHEMA_VERSION,
            "model": self.model,
            "model_sha256": self.model_sha256,
            "inputs": self.inputs,
            "started_at": self.started_at,
            "options": self.options.to_json(),
            "environment": self.environment.to_json(),
            "operators": [
                {**row.to_json(), "derived": self._derived(row)} for row in self.operators
            ],
            "partitions": [
                {**row.to_json(), "derived": self._derived(row)} for row in self.partitions
            ],
            "call_us": list(self.call_us),
            "whole_us": list(self.whole_us),
            "peaks": None if self.peaks is None else self.peaks.to_json(),
            "whole": {**self.whole.to_json(), "samples": []},
            "coverage": self.coverage,
            "unstable_reasons": list(self.unstable_reasons),
        }

    def _derived(self, row: OperatorProfile | PartitionProfile) -> dict[str, Any]:
        return {
            "time": {**row.time(seed=self.options.seed).to_json(), "samples": []},
            "share": self.share(row),
            "intensity": row.intensity,
            "macs_per_second": self.rate(row),
        }

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read a profile back.

        Raises:
            ResultFormatError: ``data`` is of another schema version, or a field is missing,
                unknown, or of the wrong kind.
            InvalidOptionError: An option is out of range.
        """
        check_version(data, _WHAT, SCHEMA_VERSION)
        derived = {"schema_version", "whole", "coverage", "unstable_reasons"}
        try:
            peaks = data["peaks"]
            return cls(
                **{
                    **{name: value for name, value in data.items() if name not in derived},
                    "options": ProfileOptions.from_json(data["options"]),
                    "environment": Environment.from_json(data["environment"]),
                    "operators": tuple(
                        OperatorProfile.from_json(_stored(row)) for row in data["operators"]
                    ),
                    "partitions": tuple(
                        PartitionProfile.from_json(_stored(row)) for row in data["partitions"]
                    ),
                    "call_us": tuple(map(float, data["call_us"])),
                    "whole_us": tuple(map(float, data["whole_us"])),
                    "peaks": None if peaks is None else MachinePeaks.from_json(peaks),
                }
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ResultFormatError(_WHAT, str(error)) from error

    def save(self, path: str | Path) -> None:
        """Write the profile as JSON, whole or not at all.

        Raises:
            WriteError: No space, no permission, or no such folder.
        """
        write_json(Path(path), self.to_json())

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a profile from a file.

        Raises:
            UnreadableFileError: The file is missing, no JSON, or no profile of a known version.
        """
        return read_json(Path(path), cls.from_json)


def _stored(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "derived"}
