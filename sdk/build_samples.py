"""Read the samples of a build: those that calibrate and those that prove parity."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from edgekit.build_options import OptionError, QuantizeOptions, SampleSource
from edgekit.converters.calibration import (
    InputDeclaration,
    InputSpec,
    NoSamplesError,
    SampleSet,
    load_labels,
    load_samples,
    split,
)
from edgekit.converters.calibration.errors import LabelError
from edgekit.converters.sources import SourceModel

__all__ = ["BuildSamples", "named_declarations", "read_samples"]

_ALL_CALIBRATE = 63
_MOST_CALIBRATE = 128
_RANDOM_SAMPLES = 32  # where trained grids say which values an input takes


@dataclass(frozen=True, slots=True)
class BuildSamples:
    """The samples of a build.

    Attributes:
        calibration: None for schemes without calibration.
        evaluation: What parity is proved on.
    """

    calibration: SampleSet | None
    evaluation: SampleSet


def read_samples(source: SourceModel, options: QuantizeOptions) -> BuildSamples:
    """Read, check and divide the samples.

    A source with trained grids needs none: what its grids leave open says the engine, and parity
    is proved on random values of its inputs' grids then.

    Raises:
        NoSamplesError: The scheme needs calibration data and there are none.
        OptionError: There is nothing to prove parity on.
    """
    inputs = tuple(InputSpec(item.name, item.dtype, item.shape) for item in source.inputs)
    options = replace(options, declarations=named_declarations(source, options.declarations))
    given = options.calibration_data
    trained = options.needs_calibration and bool(source.trained)
    if given is None and options.needs_calibration and (options.climb or not trained):
        raise NoSamplesError
    if given is None and options.evaluation_data is None and trained:
        return BuildSamples(None, _on_trained_grids(source, inputs))
    if given is None and options.evaluation_data is None:
        raise OptionError(
            "there are no samples to prove parity on", hint="give --evaluation-data PATH"
        )
    calibration = None if given is None else _load(given, inputs, options)
    if options.evaluation_data is not None:
        others = _load(options.evaluation_data, inputs, options)
        evaluation = _labelled(others, options, source)
        if calibration is None or not options.needs_calibration:
            return BuildSamples(None, evaluation)
        if options.calibration_count is not None:
            calibration, _ = split(calibration, options.calibration_count)
        return BuildSamples(calibration, _apart(calibration, evaluation))
    assert calibration is not None
    labelled = _labelled(calibration, options, source)
    if not options.needs_calibration:
        return BuildSamples(None, labelled)
    count = options.calibration_count or _default_count(len(labelled))
    calibration, evaluation = split(labelled, count)
    return BuildSamples(calibration, _apart(calibration, evaluation))


def _on_trained_grids(source: SourceModel, inputs: tuple[InputSpec, ...]) -> SampleSet:
    """Return seeded values, all equally likely, of the ranges that the inputs' grids hold."""
    generator = np.random.default_rng(0)
    arrays = {}
    for item in source.inputs:
        grid = source.trained.get(item.name)
        if grid is None:
            raise OptionError(
                f"there are no samples, and input '{item.name}' has no trained grid that says "
                "which values are natural",
                hint="give --calibration-data or --evaluation-data",
            )
        shape = (_RANDOM_SAMPLES, *item.shape)
        arrays[item.name] = generator.uniform(*grid.reach, shape).astype(np.float32)
    samples = SampleSet.from_arrays(arrays, inputs)
    return replace(samples, description="random values of the inputs' trained grids")


def _apart(calibration: SampleSet, evaluation: SampleSet) -> SampleSet:
    """Leave out what calibrates: data named for both, or samples that occur twice."""
    known = set(calibration.digests)
    others = [index for index, digest in enumerate(evaluation.digests) if digest not in known]
    if not others:
        return replace(evaluation, overlaps=True)
    if len(others) == len(evaluation):
        return evaluation
    return evaluation.select(others, "evaluation, the others calibrate")


def named_declarations(
    source: SourceModel, declarations: Mapping[str, InputDeclaration]
) -> dict[str, InputDeclaration]:
    """Give a declaration without a name to the only input.

    Raises:
        OptionError: The model has several inputs.
    """
    names = [item.name for item in source.inputs]
    if "" in declarations and len(names) > 1:
        raise OptionError(
            f"the model has {len(names)} inputs, and a layout or normalisation names none",
            hint=f"write NAME=VALUE, with one of {', '.join(names)}",
        )
    return {name or names[0]: declared for name, declared in declarations.items()}


def _default_count(available: int) -> int:
    if available <= _ALL_CALIBRATE:
        return available
    return min(_MOST_CALIBRATE, available // 2)


def _load(
    source: SampleSource, inputs: tuple[InputSpec, ...], options: QuantizeOptions
) -> SampleSet:
    if isinstance(source, str | Path):
        return load_samples(source, inputs, declarations=options.declarations)
    return SampleSet.from_arrays(source, inputs, declarations=options.declarations)


def _labelled(samples: SampleSet, options: QuantizeOptions, source: SourceModel) -> SampleSet:
    """Attach the labels the user named; labels that merely lie in the file do not count.

    Raises:
        LabelError: The first output, whose highest value is the answer, has no such class.
    """
    if options.labels is None:
        return replace(samples, labels=None, label_names=())
    labels = (
        load_labels(options.labels, label_names=options.class_names)
        if isinstance(options.labels, str | Path)
        else np.asarray(options.labels)
    )
    labelled = samples.with_labels(labels, options.class_names)
    scores, highest = source.outputs[0], int(labels.max())
    if highest >= math.prod(scores.shape):
        raise LabelError(
            samples.description,
            f"class {highest}, but output '{scores.name}' has {math.prod(scores.shape)} values",
        )
    return labelled
