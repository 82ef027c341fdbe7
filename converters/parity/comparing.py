"""Run source, float model and final model on the same samples and compare them."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.calibration import SampleSet
from edgekit.converters.engines.base import LoweredModel
from edgekit.converters.interface import Interface
from edgekit.converters.interpreting import Arrays, TfliteRunner
from edgekit.converters.parity.layers import LAYER_SAMPLES, worst_layers
from edgekit.converters.parity.metrics import PairedSums
from edgekit.converters.parity.report import (
    Distance,
    Metric,
    OutputParity,
    ParityReport,
)
from edgekit.converters.sources.base import SourceModel

__all__ = ["compare_models"]


def compare_models(
    source: SourceModel,
    lowered: LoweredModel,
    final: bytes,
    evaluation: SampleSet,
    advance: Callable[[int], None] = lambda _: None,
) -> ParityReport:
    """Compare the float and the final model with the source.

    Args:
        source: Runs as the reference. Of one with trained grids the final model is held against
            what these compute, the float model against what is computed without them.
        lowered: The float model.
        final: The model that was asked for, with the same interface names.
        evaluation: Real samples, with labels where a metric is wanted.
        advance: Called with the number of samples done so far.
    """
    models = {
        "float_model": TfliteRunner(lowered.tflite, lowered.inputs, lowered.outputs),
        "final_model": TfliteRunner(final, lowered.inputs, lowered.outputs),
    }
    sums = {(item.name, model): PairedSums() for item in lowered.outputs for model in models}
    hits = dict.fromkeys(("source", *models), 0)
    labelled = lowered.outputs[0]
    for index, sample in enumerate(evaluation):
        expected = _in_model_axes(source.reference.run(sample), lowered.outputs)
        truth = expected
        if source.float_reference is not None:
            truth = _in_model_axes(source.float_reference.run(sample), lowered.outputs)
        actual = {model: runner.run(sample) for model, runner in models.items()}
        for (name, model), pair in sums.items():
            pair.add((truth if model == "float_model" else expected)[name], actual[model][name])
        if evaluation.labels is not None:
            for model, values in (("source", expected), *actual.items()):
                hits[model] += _top1(values[labelled.name]) == int(evaluation.labels[index])
        advance(index + 1)
    return ParityReport(
        reference=source.reference.name,
        interpreter=str(models["final_model"].backend),
        samples=len(evaluation),
        samples_origin=evaluation.description,
        used_for_calibration=evaluation.overlaps,
        layer_samples=min(LAYER_SAMPLES, len(evaluation)),
        outputs=tuple(
            OutputParity(
                item.name,
                Distance.of(sums[item.name, "float_model"]),
                Distance.of(sums[item.name, "final_model"]),
            )
            for item in lowered.outputs
        ),
        worst_layers=worst_layers(source, lowered, final, evaluation),
        metric=None
        if evaluation.labels is None
        else Metric(
            name="top-1",
            output=labelled.name,
            count=len(evaluation),
            **{model: 100.0 * count / len(evaluation) for model, count in hits.items()},
        ),
    )


def _in_model_axes(values: Arrays, outputs: Sequence[Interface]) -> Arrays:
    return {item.name: np.transpose(values[item.name], item.axes) for item in outputs}


def _top1(values: npt.NDArray[Any]) -> int:
    return int(np.argmax(values))
