"""See which values the tensors of a float model take on samples."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from edgekit.converters.graph import Subgraph
from edgekit.converters.interface import Interface
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.quantize.parameters import without_sentinels
from edgekit.converters.sources.base import Sample

__all__ = ["Range", "observe_ranges"]


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the greatest value that were seen."""

    low: float
    high: float


def observe_ranges(
    tflite: bytes,
    main: Subgraph,
    inputs: Sequence[Interface],
    outputs: Sequence[Interface],
    samples: Iterable[Sample],
) -> dict[str, Range]:
    """Run a float model on samples and return the exact range of every float tensor.

    Values that stand for infinity do not count.

    Args:
        tflite: The float model.
        main: Its main subgraph.
        inputs: Names and axes of its inputs.
        outputs: Its outputs.
        samples: In the source's layout.
    """
    written = {tensor.name: tensor.index for op in main.operators for tensor in main.outputs_of(op)}
    watched = written | {main.tensors[index].name: index for index in main.inputs}
    runner = TfliteRunner(tflite, inputs, outputs, keep_inner=True)
    lows: dict[str, float] = {}
    highs: dict[str, float] = {}
    for sample in samples:
        runner.run(sample)
        for name, values in runner.inner_tensors(watched).items():
            if values.dtype.kind != "f":
                continue
            meant = without_sentinels(values)
            if meant.size:
                lows[name] = min(lows.get(name, np.inf), float(meant.min()))
                highs[name] = max(highs.get(name, -np.inf), float(meant.max()))
    return {name: Range(low, highs[name]) for name, low in lows.items()}
