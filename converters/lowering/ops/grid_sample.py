"""GridSample: positions computed from the grid, then a GATHER for each neighbour."""

import itertools
import math
from collections.abc import Sequence

import numpy as np

from edgekit.converters.graph.builder import Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.layout import CHANNELS_LAST_AXES
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.recurrence import split_last
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode

_TAPS = {"nearest": (0,), "linear": (0, 1), "cubic": (-1, 0, 1, 2)}
_CUBIC = -0.75  # the coefficient that ONNX's GridSample fixes


@lowers("GridSample")
def grid_sample(context: Lowering, node: SourceNode) -> None:
    """Lower the sampling of ``[N, C, *spatial]`` at the positions ``[N, *outputs, axes]``.

    Source: ONNX's GridSample, opset 22; neighbours outside are taken as ``padding_mode`` says.
    """
    mode = node.text("mode", "linear").removeprefix("bi")
    name = node.inputs[0]
    axes = CHANNELS_LAST_AXES[context.rank(name)]
    values = context.get(name, axes)
    batch, *sizes, channels = values.shape
    sampler = _Sampler(context, node, sizes)
    grid = context.get(node.inputs[1])
    points = math.prod(grid.shape[:-1])
    places = sampler.places(context.reshape(grid, (points, len(sizes))))
    nearest = context.emit("ROUND" if mode == "nearest" else "FLOOR", [places], places.shape)
    rest = context.emit("SUB", [places, nearest], places.shape)
    first = np.repeat(np.arange(batch), points // batch)[:, None] * math.prod(sizes)
    taps = [sampler.tap(nearest, tap, None if batch == 1 else first) for tap in _TAPS[mode]]
    weights = [sampler.weight(mode, rest, tap) for tap in _TAPS[mode]]
    table = context.reshape(values, (batch * math.prod(sizes), channels))
    total: Value | None = None
    for choice in itertools.product(range(len(taps)), repeat=len(sizes)):
        index = _joined(context, "ADD", [taps[c].offsets[axis] for axis, c in enumerate(choice)])
        index = context.reshape(index, (points,))
        term = context.emit("GATHER", [table, index], (points, channels), axis=0, batch_dims=0)
        factors = [
            column
            for axis, c in enumerate(choice)
            for column in (*weights[c][axis : axis + 1], *taps[c].inside[axis : axis + 1])
        ]
        if factors:
            term = context.emit("MUL", [term, _joined(context, "MUL", factors)], term.shape)
        total = term if total is None else context.emit("ADD", [total, term], term.shape)
    assert total is not None
    shape = (batch, *grid.shape[1:-1], channels)
    context.set(node.outputs[0], context.reshape(total, shape), axes)


class _Tap:
    """One neighbour on every axis: what it adds to the index, and whether it is inside."""

    def __init__(self, offsets: list[Value], inside: list[Value]) -> None:
        self.offsets = offsets
        self.inside = inside


class _Sampler:
    """Arithmetic on positions ``[points, axes]``, the last axis of the tensor first."""

    def __init__(self, context: Lowering, node: SourceNode, sizes: Sequence[int]) -> None:
        self._context = context
        self._sizes = np.array(sizes[::-1], np.float32)
        steps = np.cumprod([1, *sizes[:0:-1]])
        self._steps = context.builder.integers(steps.tolist(), "steps")
        self._aligned = node.integer("align_corners", 0) == 1
        self._padding = node.text("padding_mode", "zeros")
        if self._padding == "reflection" and self._aligned and min(sizes) == 1:
            raise RefusedError(node, "nothing can be reflected on an axis of size 1")

    def places(self, grid: Value) -> Value:
        """Return positions counted from the centre of the first element."""
        spans = (self._sizes - 1 if self._aligned else self._sizes) / 2
        return self._with("ADD", self._with("MUL", grid, spans), (self._sizes - 1) / 2)

    def tap(self, nearest: Value, tap: int, first: np.ndarray | None) -> _Tap:
        """Return a neighbour of whole positions; ``first`` is where each point's table begins."""
        context = self._context
        place = self._with("ADD", nearest, np.float32(tap)) if tap else nearest
        found = self._reflected(place) if self._padding == "reflection" else place
        found = self._with("MINIMUM", found, self._sizes - 1)
        found = self._with("MAXIMUM", found, np.float32(0))
        inside: list[Value] = []
        if self._padding == "zeros":
            equal = context.emit("EQUAL", [place, found], place.shape, dtype=DataType.BOOL)
            inside = self._columns(
                context.emit("CAST", [equal], place.shape, dtype=DataType.FLOAT32)
            )
        whole = context.emit("CAST", [found], place.shape, dtype=DataType.INT32)
        offsets = self._columns(context.emit("MUL", [whole, self._steps], place.shape))
        if first is not None:
            start = context.builder.constant(first.astype(np.int32), "first")
            offsets[0] = context.emit("ADD", [offsets[0], start], offsets[0].shape)
        return _Tap(offsets, inside)

    def weight(self, mode: str, rest: Value, tap: int) -> list[Value]:
        """Return the weight of a neighbour on every axis; ``rest`` is within [0, 1)."""
        if mode == "nearest":
            return []
        if mode == "linear" and tap == 1:
            return self._columns(rest)
        distance = self._with("SUB", rest, np.float32(tap))
        distance = self._context.emit("ABS", [distance], rest.shape)
        if mode == "linear":
            return self._columns(self._polynomial(distance, (1, -1)))
        near = (1, 0, -(_CUBIC + 3), _CUBIC + 2)
        far = (-4 * _CUBIC, 8 * _CUBIC, -5 * _CUBIC, _CUBIC)
        return self._columns(self._polynomial(distance, near if tap in (0, 1) else far))

    def _polynomial(self, value: Value, coefficients: Sequence[float]) -> Value:
        result = self._with("MUL", value, np.float32(coefficients[-1]))
        for coefficient in coefficients[-2:0:-1]:
            result = self._with("ADD", result, np.float32(coefficient))
            result = self._context.emit("MUL", [result, value], value.shape)
        return self._with("ADD", result, np.float32(coefficients[0]))

    def _reflected(self, place: Value) -> Value:
        """Mirror whole positions at the first and last element, or at their outer edges."""
        last = 2 * self._sizes - 2 if self._aligned else 2 * self._sizes - 1
        period = last if self._aligned else last + 1
        turned = self._with("FLOOR_MOD", place, period)
        end = self._context.builder.constant(last.astype(np.float32), "last")
        back = self._context.emit("SUB", [end, turned], turned.shape)
        return self._context.emit("MINIMUM", [turned, back], turned.shape)

    def _with(self, kind: str, value: Value, number: np.ndarray | np.float32) -> Value:
        other = self._context.builder.constant(np.asarray(number, np.float32), kind.lower())
        return self._context.emit(kind, [value, other], value.shape)

    def _columns(self, value: Value) -> list[Value]:
        return split_last(self._context, value, (1,) * len(self._sizes))


def _joined(context: Lowering, kind: str, values: Sequence[Value]) -> Value:
    result, *others = values
    for other in others:
        result = context.emit(kind, [result, other], result.shape)
    return result
