"""The table of engines: one model, the same inputs, a row for each engine that was asked for."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from edgekit.benchmarks.comparing import BlockGroup, paired_ratio
from edgekit.benchmarks.comparing.ratio import CONFIDENCE
from edgekit.benchmarks.engines.options import EngineOptions
from edgekit.benchmarks.engines.row import EngineRow
from edgekit.benchmarks.environment import Environment
from edgekit.benchmarks.errors import ResultFormatError
from edgekit.benchmarks.json_files import check_version, read_json, write_json
from edgekit.benchmarks.measurement import Measurement, Provenance
from edgekit.benchmarks.statistics import mad, median, median_interval
from edgekit.benchmarks.trust import MAX_RELATIVE_MAD

__all__ = ["MIN_TRUSTED_BLOCKS", "SCHEMA_VERSION", "EngineTable"]

SCHEMA_VERSION = 1
MIN_TRUSTED_BLOCKS = 10
_WHAT = "table of engines"
_DERIVED = ("latency", "ratio", "unstable_reasons")


@dataclass(frozen=True, slots=True)
class EngineTable:
    """What was measured of each engine, and how.

    Attributes:
        model: Name of the model in the bundle's manifest.
        model_sha256: Of ``model.tflite``.
        source: File name of the source that other engines ran, None where none was given.
        inputs: What was fed, for example ``random, seed 0``.
        started_at: Date and time in UTC, ISO 8601.
        options: How it was run.
        environment: The machine.
        rows: In the order of the table.
    """

    model: str
    model_sha256: str
    source: str | None
    inputs: str
    started_at: str
    options: EngineOptions
    environment: Environment
    rows: tuple[EngineRow, ...]

    @property
    def baseline(self) -> EngineRow | None:
        """The row that ratios refer to: the first with a latency, None where there is none."""
        return next((row for row in self.rows if row.measured), None)

    def latency(self, row: EngineRow) -> Measurement | None:
        """Return a row's latency: the median of the medians of its blocks.

        Its interval is a bootstrap over blocks. None where the row has no latency.
        """
        if not row.measured:
            return None
        medians = [median(block.samples_us) for block in row.blocks]
        value = median(medians)
        low, high = median_interval(medians, seed=self.options.seed)
        runs = sum(len(block.samples_us) for block in row.blocks)
        return Measurement(
            value,
            "us",
            Provenance.MEASURED,
            f"median of the medians of {len(medians)} blocks, {runs} runs, engines interleaved in "
            "random order; 95 % bootstrap interval over blocks",
            (min(low, value), max(high, value)),
            tuple(medians),
        )

    def ratio(self, row: EngineRow) -> Measurement | None:
        """Return a row's latency over that of `baseline`, from the rounds that both ran in.

        None where the row has no latency.
        """
        if not row.measured or self.baseline is None:
            return None
        base = {block.round: block for block in self.baseline.blocks}
        groups: dict[tuple[int, int], list[tuple[float, float]]] = {}
        for block in row.blocks:
            if block.round in base:
                other = base[block.round]
                pair = (median(other.samples_us), median(block.samples_us))
                groups.setdefault((other.load, block.load), []).append(pair)
        estimate = paired_ratio(
            [BlockGroup(*zip(*pairs, strict=True)) for pairs in groups.values()],
            seed=self.options.seed,
        )
        rounds = sum(map(len, groups.values()))
        return Measurement(
            estimate.ratio,
            "1",
            Provenance.MEASURED,
            f"latency over that of {self.baseline.engine}: median over {len(groups)} loadings of "
            f"the median over the rounds of each, {rounds} rounds; {CONFIDENCE:.0%} bootstrap "
            "interval over loadings and rounds",
            (estimate.low, estimate.high),
        )

    def unstable_reasons(self, row: EngineRow) -> tuple[str, ...]:
        """Return why a row's latency may not repeat, in sentences; empty where nothing says so."""
        latency = self.latency(row)
        if latency is None:
            return ()
        reasons = []
        spread = mad(latency.samples) / latency.value
        if spread > MAX_RELATIVE_MAD:
            reasons.append(
                f"the spread is too wide: MAD of the blocks is {spread:.1%} of the median, "
                f"more than {MAX_RELATIVE_MAD:.0%}"
            )
        if len(row.blocks) < MIN_TRUSTED_BLOCKS:
            count = len(row.blocks)
            reasons.append(f"too few blocks: {count}, less than {MIN_TRUSTED_BLOCKS}")
        return tuple(reasons)

    def to_json(self) -> dict[str, Any]:
        """Return the table as plain JSON values.

        ``latency``, ``ratio``, ``unstable_reasons`` and the checks' ``agrees`` follow from the
        rest; they are there for other readers, and not read back.
        """
        return {
            "schema_version": SCHEMA_VERSION,
            "model": self.model,
            "model_sha256": self.model_sha256,
            "source": self.source,
            "inputs": self.inputs,
            "started_at": self.started_at,
            "options": self.options.to_json(),
            "environment": self.environment.to_json(),
            "rows": [
                {
                    **row.to_json(),
                    "latency": _figure(self.latency(row)),
                    "ratio": _figure(self.ratio(row)),
                    "unstable_reasons": list(self.unstable_reasons(row)),
                }
                for row in self.rows
            ],
        }

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read a table back.

        Raises:
            ResultFormatError: ``data`` is of another schema version, or a field is missing,
                unknown, or of the wrong kind.
            InvalidOptionError: An option is out of range.
        """
        check_version(data, _WHAT, SCHEMA_VERSION)
        try:
            rows = [
                {name: value for name, value in row.items() if name not in _DERIVED}
                for row in data["rows"]
            ]
            return cls(
                **{
                    **{name: value for name, value in data.items() if name != "schema_version"},
                    "options": EngineOptions.from_json(data["options"]),
                    "environment": Environment.from_json(data["environment"]),
                    "rows": tuple(map(EngineRow.from_json, rows)),
                }
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ResultFormatError(_WHAT, str(error)) from error

    def save(self, path: str | Path) -> None:
        """Write the table as JSON, whole or not at all.

        Raises:
            WriteError: No space, no permission, or no such folder.
        """
        write_json(Path(path), self.to_json())

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a table from a file.

        Raises:
            UnreadableFileError: The file is missing, no JSON, or no table of a known version.
        """
        return read_json(Path(path), cls.from_json)


def _figure(measurement: Measurement | None) -> dict[str, Any] | None:
    return None if measurement is None else {**measurement.to_json(), "samples": []}
