"""What the rungs of the ladder work with: calibration samples, and runs of a model on them."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence

from edgekit.converters.cache import Cache
from edgekit.converters.engines.base import LoweredModel
from edgekit.converters.graph import Graph, write_graph
from edgekit.converters.interpreting import Arrays, TfliteRunner
from edgekit.converters.parity.metrics import PairedSums
from edgekit.converters.quantize.observe import Observations, observe_by
from edgekit.converters.request import CalibrationMethod, QuantizationRequest
from edgekit.converters.sources.base import Sample

__all__ = ["Bench", "noise_of"]


class Bench:
    """Calibration samples, the interface of the model, and where long work is told and kept.

    Args:
        lowered: The float model that the source was lowered to.
        samples: Calibration samples, in the source's layout; read several times.
        cache: Keeps what took long, so that an interrupted climb goes on where it was.
        advance: Called with the steps that are done of the rung at hand, and all of them.
    """

    def __init__(
        self,
        lowered: LoweredModel,
        samples: Iterable[Sample],
        cache: Cache,
        *,
        advance: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> None:
        self.interfaces = lowered.inputs, lowered.outputs
        self.samples = samples
        self.cache = cache
        self.advance = advance

    def first(self, count: int) -> list[Sample]:
        """Return at most so many samples."""
        return list(itertools.islice(self.samples, count))

    def open(self, tflite: bytes, *, keep_inner: bool = False) -> TfliteRunner:
        """Return what runs a model with the interface of the float one."""
        return TfliteRunner(tflite, *self.interfaces, keep_inner=keep_inner)

    def float_outputs(self, graph: Graph, samples: Sequence[Sample]) -> list[Arrays]:
        """Return what a float graph gives for each sample."""
        runner = self.open(write_graph(graph))
        # Copied, for the arrays are the interpreter's own.
        return [
            {name: values.copy() for name, values in runner.run(sample).items()}
            for sample in samples
        ]

    def observe(
        self,
        graph: Graph,
        request: QuantizationRequest,
        methods: Mapping[str, CalibrationMethod],
    ) -> Observations:
        """Return what samples show of a float graph.

        Args:
            graph: A float graph of the same interface.
            request: Names the method for tensors without one of their own.
            methods: Tensor name -> its own method.
        """
        plain = request.calibration_method
        seen = self.observe_by(graph, request, sorted({plain, *methods.values()}))
        ranges = {name: seen[methods.get(name, plain)].ranges[name] for name in seen[plain].ranges}
        return Observations(ranges, seen[plain].means, seen[plain].hiding)

    def observe_by(
        self, graph: Graph, request: QuantizationRequest, methods: Sequence[CalibrationMethod]
    ) -> dict[CalibrationMethod, Observations]:
        """Return what samples show of a float graph by each of several methods."""
        return observe_by(
            methods, write_graph(graph), graph.main, self.interfaces, self.samples, request
        )


def noise_of(expected: Sequence[Arrays], actual: Iterable[Arrays]) -> float:
    """Return the noise power of float outputs as a share of their signal, summed over outputs."""
    sums: dict[str, PairedSums] = {}
    for wanted, given in zip(expected, actual, strict=True):
        for name, values in wanted.items():
            if values.dtype.kind == "f":
                sums.setdefault(name, PairedSums()).add(values, given[name])
    return sum((10.0 ** (-item.sqnr_db / 10.0) for item in sums.values()), start=0.0)
