"""See which values the tensors of a float model take on samples."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph import Subgraph
from edgekit.converters.interface import Interface
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.quantize.histogram import Histogram
from edgekit.converters.quantize.parameters import (
    ACTIVATIONS,
    SENTINEL,
    ActivationType,
    without_sentinels,
)
from edgekit.converters.quantize.ranges import Range, choose_range
from edgekit.converters.request import CalibrationMethod, QuantizationRequest
from edgekit.converters.sources.base import Sample

__all__ = ["Observations", "observe", "observe_by"]


@dataclass(frozen=True, slots=True)
class Observations:
    """What samples showed of the float tensors of a model.

    Attributes:
        ranges: Tensor name -> the range that its integers shall hold.
        means: Tensor name -> the mean at each index of the last axis.
        hiding: Names of tensors in which something stood for minus infinity.
    """

    ranges: Mapping[str, Range]
    means: Mapping[str, npt.NDArray[np.float64]]
    hiding: frozenset[str] = frozenset()


def observe(
    tflite: bytes,
    main: Subgraph,
    inputs: Sequence[Interface],
    outputs: Sequence[Interface],
    samples: Iterable[Sample],
    request: QuantizationRequest | None = None,
) -> Observations:
    """Run a float model once on each sample and return what its float tensors showed.

    Values that stand for infinity do not count. Inputs of the model keep their exact range
    under every method: what the user shows is what the model shall take. Memory does not
    depend on the number of samples: a mean for each channel, and a histogram (at most 32 KiB)
    for each tensor where the method needs one.

    Args:
        tflite: The float model.
        main: Its main subgraph.
        inputs: Names and axes of its inputs.
        outputs: Its outputs.
        samples: In the source's layout.
        request: Names the method; min-max without it.
    """
    request = request or QuantizationRequest()
    method = request.calibration_method
    return observe_by((method,), tflite, main, (inputs, outputs), samples, request)[method]


def observe_by(
    methods: Sequence[CalibrationMethod],
    tflite: bytes,
    main: Subgraph,
    interfaces: tuple[Sequence[Interface], Sequence[Interface]],
    samples: Iterable[Sample],
    request: QuantizationRequest,
) -> dict[CalibrationMethod, Observations]:
    """Return what `observe` does for each of several methods, from one pass over the samples."""
    exact = set(methods) == {CalibrationMethod.MIN_MAX}
    written = {tensor.name: tensor.index for op in main.operators for tensor in main.outputs_of(op)}
    given = {main.tensors[index].name: index for index in main.inputs}
    runner = TfliteRunner(tflite, *interfaces, keep_inner=True)
    seen: dict[str, _Tensor] = {}
    for sample in samples:
        runner.run(sample)
        for name, values in runner.inner_tensors(written | given).items():
            if values.dtype.kind == "f":
                if name not in seen:
                    seen[name] = _Tensor(None if exact or name in given else Histogram())
                seen[name].add(values)
    means = {name: item.sums / item.count for name, item in seen.items() if item.count}
    hiding = frozenset(name for name, item in seen.items() if item.hides)
    shown = {name: item for name, item in seen.items() if item.low <= item.high}
    activations = ACTIVATIONS[request.scheme]
    return {
        method: Observations(
            {name: item.range_by(method, activations) for name, item in shown.items()},
            means,
            hiding,
        )
        for method in methods
    }


class _Tensor:
    """Extremes, sums and perhaps a histogram of one tensor."""

    def __init__(self, histogram: Histogram | None) -> None:
        self.low, self.high = np.inf, -np.inf
        self.sums: Any = 0.0
        self.count = 0
        self.hides = False
        self._histogram = histogram

    def add(self, values: npt.NDArray[Any]) -> None:
        if not values.size:
            return
        low, high, meant = float(values.min()), float(values.max()), values
        if not -SENTINEL < low <= high < SENTINEL:
            meant = without_sentinels(values)
            if meant.size < values.size:
                self.hides = self.hides or low <= -SENTINEL
            if not meant.size:
                return
            low, high = float(meant.min()), float(meant.max())
        self.low, self.high = min(self.low, low), max(self.high, high)
        if self._histogram is not None:
            self._histogram.add(meant)
        if values.ndim and meant.size == values.size:
            self.sums = self.sums + values.reshape(-1, values.shape[-1]).sum(0, dtype=np.float64)
            self.count += values.size // values.shape[-1]

    def range_by(self, method: CalibrationMethod, activations: ActivationType) -> Range:
        if self._histogram is None:
            return Range(self.low, self.high)
        return choose_range(self._histogram, method, activations)
