"""The parity report: how far the float and the integer model are from the source."""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Self

from edgekit.converters.parity.metrics import PairedSums
from edgekit.errors import EdgekitError

__all__ = [
    "PARITY_VERSION",
    "Distance",
    "LayerParity",
    "Metric",
    "OutputParity",
    "ParityError",
    "ParityReport",
    "Thresholds",
    "enforce_parity",
    "parity_failures",
]

PARITY_VERSION = 2
"""Of the report as JSON; the second holds inner tensors against the source's own, and how many
integers are equal."""


@dataclass(frozen=True, slots=True)
class Distance:
    """How far a tensor is from its reference, over all samples.

    Attributes:
        sqnr_db: Signal to quantization noise ratio in dB; None where the two are equal, -300
            where the reference is zero everywhere or only one of the two is finite.
        cosine: Cosine similarity, at most 1.
        equal_percent: How many values are equal; None for floats. It is what counts for
            integers, which are indices, classes or masks.
    """

    sqnr_db: float | None
    cosine: float
    equal_percent: float | None = None

    @classmethod
    def of(cls, sums: PairedSums) -> Self:
        """Return the distance that sums over pairs of tensors tell."""
        figure = sums.sqnr_db
        return cls(None if figure == math.inf else figure, sums.cosine, sums.equal_percent)

    @property
    def decibels(self) -> float:
        """The ratio as a number that can be compared, infinite where the two are equal."""
        return math.inf if self.sqnr_db is None else self.sqnr_db


@dataclass(frozen=True, slots=True)
class OutputParity:
    """One output against the source: the float model, and the model that was asked for."""

    name: str
    float_model: Distance
    final_model: Distance


@dataclass(frozen=True, slots=True)
class LayerParity:
    """One inner tensor, over the samples that were looked at.

    Attributes:
        tensor: Name in both TFLite models.
        operator: What writes it.
        origin: The source node it came from, or ``unknown``.
        source_tensor: The source's own tensor that it is compared with; None where the engine
            knows none, or it has NaN or infinity.
        float_model: The float model against the source's tensor on the first two samples, None
            without one.
        final_model: The final model against the source's tensor; without one, against the
            float model.
    """

    tensor: str
    operator: str
    origin: str
    source_tensor: str | None
    float_model: Distance | None
    final_model: Distance

    def __str__(self) -> str:
        return f"{self.final_model.decibels:6.1f} dB  {self.operator} from {self.origin}"


@dataclass(frozen=True, slots=True)
class Metric:
    """A task metric on labelled samples, in percent.

    Attributes:
        name: What it is.
        output: The output it was read from.
        count: How many labelled samples.
        source: Of the source model.
        float_model: Of the float TFLite model.
        final_model: Of the model that was asked for.
    """

    name: str
    output: str
    count: int
    source: float
    float_model: float
    final_model: float

    @property
    def drop(self) -> float:
        """Points lost from the source to the final model."""
        return self.source - self.final_model


@dataclass(frozen=True, slots=True)
class ParityReport:
    """Source against float TFLite against final TFLite, measured on real samples.

    Attributes:
        reference: What ran the source.
        interpreter: What ran the TFLite models, with its kernels.
        samples: How many samples the outputs were compared on.
        samples_origin: Where they came from.
        used_for_calibration: True when there were none but those used for calibration.
        layer_samples: How many of them the inner tensors were compared on.
        outputs: In the source's order.
        worst_layers: At most ten, the worst first.
        metric: None without labels.
    """

    reference: str
    interpreter: str
    samples: int
    samples_origin: str
    used_for_calibration: bool
    layer_samples: int
    outputs: tuple[OutputParity, ...]
    worst_layers: tuple[LayerParity, ...]
    metric: Metric | None

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        return {"schema_version": PARITY_VERSION, "provenance": "measured", **asdict(self)}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a model must reach to be written.

    Attributes:
        min_sqnr_db: Of every float output of the final model against the source.
        min_cosine: The same for the cosine.
        min_equal: Per cent of the values of every integer output that have to be equal.
        max_drop: Points of the metric that may be lost, where labels are given.
        min_float_sqnr_db: Of every float output of the float model: below it, lowering is wrong.
        min_float_equal: The same for integer outputs, which two that are about equally good
            may change places in.
    """

    min_sqnr_db: float = 10.0
    min_cosine: float = 0.9
    min_equal: float = 90.0
    max_drop: float = 1.0
    min_float_sqnr_db: float = 40.0
    min_float_equal: float = 99.0


class ParityError(EdgekitError):
    """A model that is too far from its source."""

    def __init__(self, failures: list[str], report: ParityReport) -> None:
        super().__init__(
            f"the model is too far from its source: {'; '.join(failures)}",
            details=[
                f"worst layers (final model against the source, {report.layer_samples} samples):",
                *map(str, report.worst_layers),
            ],
            hint="give more or better calibration data, keep these layers in float or int16 "
            "(--scheme int16x8), or lower the bar (--min-sqnr, --min-cosine, --min-equal, "
            "--max-drop)",
        )
        self.report = report


def enforce_parity(report: ParityReport, thresholds: Thresholds) -> None:
    """Raise where a threshold is missed.

    Raises:
        ParityError: With every threshold that is missed and the worst layers.
    """
    failures = parity_failures(report, thresholds)
    if failures:
        raise ParityError(failures, report)


def parity_failures(report: ParityReport, thresholds: Thresholds) -> list[str]:
    """Return a sentence for every threshold that is missed."""
    failures: list[str] = []
    for output in report.outputs:
        is_float = output.final_model.equal_percent is None
        failures += (_too_far if is_float else _too_different)(output, thresholds)
    if report.metric and report.metric.drop > thresholds.max_drop + 1e-9:
        failures.append(
            f"{report.metric.name} falls by {report.metric.drop:.2f} points, "
            f"at most {thresholds.max_drop:g} are allowed"
        )
    return failures


def _too_far(output: OutputParity, thresholds: Thresholds) -> Iterator[str]:
    if output.float_model.decibels < thresholds.min_float_sqnr_db:
        yield (
            f"float output '{output.name}' has {output.float_model.decibels:.1f} dB, "
            f"at least {thresholds.min_float_sqnr_db:g} is wanted"
        )
    if output.final_model.decibels < thresholds.min_sqnr_db:
        yield (
            f"output '{output.name}' has {output.final_model.decibels:.1f} dB SQNR, "
            f"at least {thresholds.min_sqnr_db:g} is wanted"
        )
    if output.final_model.cosine < thresholds.min_cosine:
        yield (
            f"output '{output.name}' has cosine {output.final_model.cosine:.4f}, "
            f"at least {thresholds.min_cosine:g} is wanted"
        )


def _too_different(output: OutputParity, thresholds: Thresholds) -> Iterator[str]:
    """Judge an output of integers."""
    limits = (
        ("float output", output.float_model, thresholds.min_float_equal),
        ("output", output.final_model, thresholds.min_equal),
    )
    for title, model, least in limits:
        if model.equal_percent is not None and model.equal_percent < least:
            yield (
                f"{title} '{output.name}' has {model.equal_percent:.1f} % equal values, "
                f"at least {least:g} % are wanted"
            )
