"""Run source, float model and final model on the same samples and compare them."""

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.calibration import SampleSet
from edgekit.converters.engines.base import LoweredModel
from edgekit.converters.graph import read_graph
from edgekit.converters.interface import Interface
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.origins import origin_of
from edgekit.converters.parity.metrics import PairedSums
from edgekit.converters.parity.report import (
    Distance,
    LayerParity,
    Metric,
    OutputParity,
    ParityReport,
)
from edgekit.converters.sources.base import Sample, SourceModel

__all__ = ["compare_models"]

_LAYER_SAMPLES = 16  # inner tensors are for finding the worst layers, not for a verdict
_WORST = 10

Arrays = dict[str, npt.NDArray[Any]]


def compare_models(
    source: SourceModel,
    lowered: LoweredModel,
    final: bytes,
    evaluation: SampleSet,
    advance: Callable[[int], None] = lambda _: None,
) -> ParityReport:
    """Compare the float and the final model with the source.

    Args:
        source: Runs as the reference.
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
        actual = {model: runner.run(sample) for model, runner in models.items()}
        for (name, model), pair in sums.items():
            pair.add(expected[name], actual[model][name])
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
        layer_samples=min(_LAYER_SAMPLES, len(evaluation)),
        outputs=tuple(
            OutputParity(
                item.name,
                _distance(sums[item.name, "float_model"]),
                _distance(sums[item.name, "final_model"]),
            )
            for item in lowered.outputs
        ),
        worst_layers=_worst_layers(lowered, final, evaluation),
        metric=None
        if evaluation.labels is None
        else Metric(
            name="top-1",
            output=labelled.name,
            count=len(evaluation),
            **{model: 100.0 * count / len(evaluation) for model, count in hits.items()},
        ),
    )


def _worst_layers(
    lowered: LoweredModel, final: bytes, samples: Iterable[Sample]
) -> tuple[LayerParity, ...]:
    """Compare inner tensors that bear the same name in the float and the final model."""
    main = read_graph(final).main
    written = {t.name: (t.index, op) for op in main.operators for t in main.outputs_of(op)}
    float_main = read_graph(lowered.tflite).main
    float_written = {
        t.name: t.index for op in float_main.operators for t in float_main.outputs_of(op)
    }
    shared = [name for name in written if name in float_written]
    runners = [
        TfliteRunner(content, lowered.inputs, lowered.outputs, keep_inner=True)
        for content in (lowered.tflite, final)
    ]
    sums = {name: PairedSums() for name in shared}
    for sample in itertools.islice(samples, _LAYER_SAMPLES):
        for runner in runners:
            runner.run(sample)
        expected = runners[0].inner_tensors({name: float_written[name] for name in shared})
        actual = runners[1].inner_tensors({name: written[name][0] for name in shared})
        for name in expected.keys() & actual.keys():
            if expected[name].shape == actual[name].shape and expected[name].dtype.kind == "f":
                sums[name].add(expected[name], actual[name])
    layers = [
        LayerParity(
            tensor=name,
            operator=written[name][1].kind,
            origin=origin_of(main, written[name][1], lowered.origins),
            distance=_distance(pair),
        )
        for name, pair in sums.items()
        if pair.sqnr_db != math.inf
    ]
    return tuple(sorted(layers, key=lambda layer: layer.distance.decibels)[:_WORST])


def _in_model_axes(values: Arrays, outputs: Sequence[Interface]) -> Arrays:
    return {item.name: np.transpose(values[item.name], item.axes) for item in outputs}


def _top1(values: npt.NDArray[Any]) -> int:
    return int(np.argmax(values))


def _distance(sums: PairedSums) -> Distance:
    figure = sums.sqnr_db
    return Distance(None if figure == math.inf else figure, sums.cosine)
