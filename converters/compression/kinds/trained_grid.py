"""What became of trained integer grids: scales, zero points and integers held against the file."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.compression.outcome import Outcome
from edgekit.converters.compression.registry import judges
from edgekit.converters.finding import CompressionFinding, Fate, FindingKind, SettledFinding
from edgekit.converters.graph import DataType, Quantization, Tensor, read_graph
from edgekit.converters.quantize.trained import activation_grid
from edgekit.converters.sources.base import SourceFormat
from edgekit.converters.sources.trained.spreading import MOVING
from edgekit.converters.trained_grid import TrainedGrid

__all__ = ["judge"]

_INTEGERS = (DataType.INT4, DataType.INT8, DataType.INT16, DataType.INT32, DataType.INT64)
_OFF_GRID = 1e-3  # of a step


@judges(FindingKind.TRAINED_GRID)
def judge(finding: CompressionFinding, outcome: Outcome) -> SettledFinding:
    """Compare the grid, and the integers of constants, bit for bit."""
    grid = outcome.source.trained.get(finding.tensor)
    if grid is None:
        count = len(outcome.constants_from(finding.tensor))
        fate = Fate.REQUANTIZED if count else Fate.LOST
        return SettledFinding(finding, fate, "TFLite has no scale for a block of values")
    if finding.figures["role"] == "activation":
        return _activation(finding, grid, outcome)
    return _constant(finding, grid, outcome)


def _activation(finding: CompressionFinding, grid: TrainedGrid, outcome: Outcome) -> SettledFinding:
    found = [item for item in outcome.computed_for(finding.tensor) if item.dtype in _INTEGERS]
    others = [] if found else _holding_the_same(finding.tensor, outcome)
    moved = f"the values of '{others[0]}' on the same grid; " if others else ""
    if others:
        found = [item for item in outcome.computed_for(others[0]) if item.dtype in _INTEGERS]
    for tensor in found:
        wanted = activation_grid(grid, tensor.dtype)
        if wanted is not None and _same(tensor.quantization, wanted):
            point = wanted.zero_points[0]
            shift = f" (zero point {point} after the shift to {tensor.dtype.lower()})"
            proof = (
                f"{moved}'{tensor.name}' has this scale and zero point, bit for bit"
                f"{shift if grid.dtype.startswith('u') else ''}{_demanded(tensor, outcome)}"
            )
            return SettledFinding(finding, Fate.KEPT, proof)
    if not found:
        return SettledFinding(finding, Fate.LOST, "no integer tensor stands for it")
    if len(grid.scales) > 1:
        proof = "TFLite's activations have one scale for all channels"
    else:
        proof = f"'{found[0].name}' is {_text(found[0])}"
    return SettledFinding(finding, Fate.REQUANTIZED, proof)


def _holding_the_same(name: str, outcome: Outcome) -> list[str]:
    """Return tensors of the source with the same values and grid that the final model has."""
    if outcome.source.format is not SourceFormat.ONNX:
        return []
    nodes = _nodes_of(outcome.source.content)
    trained = outcome.source.trained
    seen, waiting = {name}, [name]
    while waiting:
        current = waiting.pop()
        for node in nodes:
            ends = [*node.input[:1], *node.output[:1]]
            if node.op_type in MOVING - {"Concat"} and current in ends:
                near = {end for end in ends if trained.get(end) == trained[name]} - seen
                seen |= near
                waiting.extend(near)
    return [other for other in sorted(seen) if other != name and outcome.computed_for(other)]


@lru_cache(maxsize=1)
def _nodes_of(content: bytes) -> tuple[Any, ...]:
    """Return the nodes of an ONNX model; of the last one that was asked for without reading it."""
    import onnx

    return tuple(onnx.load_from_string(content).graph.node)


def _demanded(tensor: Tensor, outcome: Outcome) -> str:
    """Say which other grid an operator had to write before, where one had to."""
    main = outcome.final.main
    makers = {index: operator for operator in main.operators for index in operator.outputs}
    maker = makers.get(tensor.index)
    if maker is None or maker.kind != "QUANTIZE":
        return ""
    before = main.tensors[maker.inputs[0]]
    source = makers.get(before.index)
    if source is None or before.dtype is DataType.FLOAT32:
        return ""
    return f", requantized from {_text(before)}, which {source.kind} writes"


@dataclass(frozen=True, slots=True)
class _Pair:
    """A constant of the final model, and the float values that it was made from."""

    final: Tensor
    values: npt.NDArray[np.float64]

    @property
    def codes(self) -> npt.NDArray[np.int64]:
        assert self.final.data is not None
        stored = np.frombuffer(self.final.data, self.final.dtype.numpy)
        return stored.astype(np.int64).reshape(self.values.shape)


def _constant(finding: CompressionFinding, grid: TrainedGrid, outcome: Outcome) -> SettledFinding:
    pairs = _pairs(finding.tensor, outcome)
    if not pairs:
        return SettledFinding(finding, Fate.LOST, "no integer constant of the model is made of it")
    compared = [_compare(pair, grid) for pair in pairs]
    fates = {fate for fate, _ in compared}
    fate = Fate.KEPT if fates == {Fate.KEPT} else Fate.REQUANTIZED
    return SettledFinding(finding, fate, "; ".join(dict.fromkeys(text for _, text in compared)))


def _pairs(name: str, outcome: Outcome) -> list[_Pair]:
    floats = {tensor.name: tensor for tensor in read_graph(outcome.lowered.tflite).main.tensors}
    pairs = []
    for tensor in outcome.constants_from(name):
        source = floats.get(tensor.name)
        if source is None or source.data is None or source.dtype is not DataType.FLOAT32:
            continue
        if tensor.dtype in _INTEGERS and tensor.quantization and tensor.dtype.numpy:
            values = np.frombuffer(source.data, np.float32).astype(np.float64)
            pairs.append(_Pair(tensor, values.reshape(source.shape)))
    return pairs


def _compare(pair: _Pair, grid: TrainedGrid) -> tuple[Fate, str]:
    """Compare the scales of a constant with the trained ones, and its integers."""
    final = pair.final.quantization
    assert final is not None
    scales, axis = _scales(grid, final)
    if scales is None:
        return Fate.REQUANTIZED, f"'{pair.final.name}' is {_text(pair.final)}"
    trained_steps = pair.values / _along(scales, axis, pair.values.ndim)
    trained = np.rint(trained_steps).astype(np.int64)
    points = _along(final.zero_points, final.axis, pair.values.ndim)
    stored = pair.codes - points.astype(np.int64)
    off = int(np.count_nonzero(np.abs(trained_steps - trained) > _OFF_GRID))
    if grid.dtype == "int32":  # beyond 2^23, float32 does not tell neighbouring integers apart
        off = 0
    differing = int(np.count_nonzero(stored != trained))
    equal = tuple(final.scales) in (scales, scales * len(final.scales))
    if equal and not off and not differing:
        return Fate.KEPT, f"{len(final.scales)} scales and {stored.size} integers equal bit for bit"
    if equal and not off and np.all(stored[stored != trained] == trained[stored != trained] + 1):
        return Fate.REQUANTIZED, (
            f"scales equal bit for bit; {differing} of {stored.size} integers were -128, which "
            "TFLite's weights do not have, and are -127"
        )
    return Fate.REQUANTIZED, f"{differing} of {stored.size} integers differ: {_text(pair.final)}"


def _along(numbers: Sequence[float], axis: int | None, dimensions: int) -> npt.NDArray[np.float64]:
    """Return a number, or one for each index along an axis, in a shape that broadcasts."""
    shape = [1] * dimensions
    if axis is not None and len(numbers) > 1:
        shape[axis] = -1
    return np.array(numbers, np.float64).reshape(shape)


def _scales(grid: TrainedGrid, final: Quantization) -> tuple[tuple[float, ...] | None, int | None]:
    """Return the trained scales as they lie in the final tensor, and along which axis."""
    if len(grid.scales) == 1:
        return grid.scales, None
    if len(grid.scales) != len(final.scales):
        return None, None
    return grid.scales, final.axis


def _same(given: Quantization | None, wanted: Quantization) -> bool:
    return given is not None and (given.scales, given.zero_points) == (
        wanted.scales,
        wanted.zero_points,
    )


def _text(tensor: Tensor) -> str:
    quantization = tensor.quantization
    assert quantization is not None
    if quantization.is_per_channel:
        return f"{tensor.dtype.lower()} with {len(quantization.scales)} scales of its own"
    (scale, *_), (point, *_) = quantization.scales, quantization.zero_points
    return f"{tensor.dtype.lower()} with scale {scale:.6g} and zero point {point}"
