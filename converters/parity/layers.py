"""Compare inner tensors: the source's own, the float model's and the final model's."""

import itertools
import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from edgekit.converters.engines.base import LoweredModel
from edgekit.converters.graph import Operator, Subgraph, read_graph
from edgekit.converters.interpreting import Arrays, TfliteRunner
from edgekit.converters.origins import origin_of
from edgekit.converters.parity.metrics import PairedSums
from edgekit.converters.parity.report import Distance, LayerParity
from edgekit.converters.sources.base import Sample, SourceModel
from edgekit.converters.sources.inner_tensors import open_inner_tensors

__all__ = ["LAYER_SAMPLES", "worst_layers"]

LAYER_SAMPLES = 16
"""Inner tensors are for finding the worst layers, not for a verdict."""

_FLOAT_SAMPLES = 2  # rounding of floats shows on any; most of the time goes into such sums
_WORST = 10


def worst_layers(
    source: SourceModel, lowered: LoweredModel, final: bytes, samples: Iterable[Sample]
) -> tuple[LayerParity, ...]:
    """Compare inner tensors that bear the same name in the float and the final model.

    Each is held against the source's tensor that it stands for; where the engine knows none, or
    the source gives NaN or infinity there, against the float model's.

    Args:
        source: Its canonical model runs, for its inner tensors.
        lowered: The float model.
        final: The model that was asked for.
        samples: The first `LAYER_SAMPLES` are taken.

    Returns:
        At most ten that are not equal, the worst first.
    """
    main = read_graph(final).main
    written = _written(main)
    float_written = _written(read_graph(lowered.tflite).main)
    layers = {name: _Layer(lowered, name) for name in written if name in float_written}
    wanted = {layer.link.name for layer in layers.values() if layer.link}
    inner = open_inner_tensors(source, wanted)
    runners = [
        TfliteRunner(content, lowered.inputs, lowered.outputs, keep_inner=True)
        for content in (lowered.tflite, final)
    ]
    for sample in itertools.islice(samples, LAYER_SAMPLES):
        for runner in runners:
            runner.run(sample)
        truth = {**sample, **inner.run(sample)} if wanted else {}
        floats = runners[0].inner_tensors({name: float_written[name][0] for name in layers})
        finals = runners[1].inner_tensors({name: written[name][0] for name in layers})
        for name in floats.keys() & finals.keys():
            layers[name].add(truth, floats[name], finals[name])
    found = [
        layer.parity(name, operator.kind, origin_of(main, operator, lowered.origins))
        for name, (_, operator) in written.items()
        if (layer := layers.get(name)) and layer.differs
    ]
    return tuple(sorted(found, key=lambda layer: layer.final_model.decibels)[:_WORST])


class _Layer:
    """Sums over one inner tensor: of both models against the source's, and against each other."""

    def __init__(self, lowered: LoweredModel, name: str) -> None:
        link = lowered.links.get(name)
        self.link = link if link and link.axes is not None else None
        self._from_source = {"float_model": PairedSums(), "final_model": PairedSums()}
        self._from_float = PairedSums()
        self._known = self.link is not None
        self._seen = 0

    def add(
        self, truth: Arrays, float_values: npt.NDArray[np.generic], final: npt.NDArray[np.generic]
    ) -> None:
        """Take one more sample."""
        if float_values.shape != final.shape or float_values.dtype.kind != "f":
            return
        values = truth.get(self.link.name) if self.link and self._known else None
        self._known = values is not None and bool(np.isfinite(values).all())
        if self.link is None or values is None or not self._known:
            self._from_float.add(float_values, final)
            return
        expected = self.link.arrange(values, float_values.shape)
        self._from_source["final_model"].add(expected, final)
        if self._seen < _FLOAT_SAMPLES:
            self._from_source["float_model"].add(expected, float_values)
        self._seen += 1

    @property
    def differs(self) -> bool:
        """Whether the final model's tensor is another than what it is held against."""
        return self._final.sqnr_db != math.inf

    @property
    def _final(self) -> PairedSums:
        return self._from_source["final_model"] if self._known else self._from_float

    def parity(self, name: str, operator: str, origin: str) -> LayerParity:
        """Return what was found."""
        return LayerParity(
            tensor=name,
            operator=operator,
            origin=origin,
            source_tensor=self.link.name if self.link and self._known else None,
            float_model=Distance.of(self._from_source["float_model"]) if self._known else None,
            final_model=Distance.of(self._final),
        )


def _written(main: Subgraph) -> dict[str, tuple[int, Operator]]:
    return {t.name: (t.index, op) for op in main.operators for t in main.outputs_of(op)}
