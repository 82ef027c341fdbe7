"""What an integer rule works with: integer forms of values, and the nodes that are kept."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.builder import GraphBuilder, Node, Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.graph.model import Quantization
from edgekit.converters.quantize.choices import ChosenWeights
from edgekit.converters.quantize.fitting_scales import fitting_scales
from edgekit.converters.quantize.four_bits import fits_four_bits, four_bit_weights
from edgekit.converters.quantize.observe import Observations
from edgekit.converters.quantize.parameters import (
    WIDE,
    ActivationType,
    bias_of,
    quantize_values,
    weights_of,
    without_sentinels,
)
from edgekit.converters.quantize.ranges import Range
from edgekit.converters.quantize.trained import activation_grid, trained_weights
from edgekit.converters.quantize.whole import truncated_values, whole_values
from edgekit.converters.request import FourBits
from edgekit.converters.trained_grid import TrainedGrid

__all__ = ["MOVING", "Quantizer"]

Item = TypeVar("Item")

_FINER = 128  # steps of int16 for one of int8: all 255 distances from the zero point fit
_ONLY_INT8 = frozenset(
    "CAST CEIL COS FLOOR FLOOR_DIV FLOOR_MOD L2_NORMALIZATION LOG_SOFTMAX POW ROUND SIGN "
    "SIN".split()
)
MOVING = frozenset(
    "BROADCAST_TO DEPTH_TO_SPACE EXPAND_DIMS GATHER GATHER_ND MAX_POOL_2D MIRROR_PAD PAD RESHAPE "
    "REVERSE_V2 SLICE SPACE_TO_DEPTH SPLIT SPLIT_V SQUEEZE STRIDED_SLICE TILE TRANSPOSE "
    "UNPACK".split()
)
"""Operators that take the width of what they read: another would gain nothing."""


class Quantizer:
    """Turns a float graph into an integer one, node by node, in the order of execution.

    A value that an integer operator writes is changed in place. A value that stays float (an
    island's) gets an integer twin when an integer operator asks for it, and the other way
    round.

    Attributes:
        builder: The graph.
        activations: How the node at hand stores activations, see `turn_to`.
        per_channel_dense: Whether FULLY_CONNECTED weights may have a scale per output.
        nodes: The nodes of the integer graph so far.
        islands: Nodes that stayed in float.
        float_inputs: Inputs of the model that stay in float.
        hiding: Values in which samples showed what stands for minus infinity.
        unknown: Names of computed values that no sample showed and training gave no grid.
    """

    def __init__(
        self,
        builder: GraphBuilder,
        seen: Observations,
        activations: ActivationType,
        *,
        per_channel_dense: bool,
        wide: frozenset[str] = frozenset(),
        weights: Mapping[str, ChosenWeights] | None = None,
        grids: Mapping[str, TrainedGrid] | None = None,
        four_bits: FourBits | None = None,
    ) -> None:
        self.builder = builder
        self.activations = activations
        self._default = activations
        self._wide = wide
        self._chosen = weights or {}
        self._four_bits = four_bits or FourBits()
        self.per_channel_dense = per_channel_dense
        self.nodes: list[Node] = []
        self.islands: list[Node] = []
        self.float_inputs: set[Value] = set()
        values = _values(builder)
        self._ranges = _by_value(values, seen.ranges)
        self._means = _by_value(values, seen.means)
        self.hiding = {value for value in values if value.name in seen.hiding}
        self.unknown: list[str] = []
        read = {value for node in builder.nodes for value in node.reads()}
        self._grids = _by_value(values | read, grids or {})
        self._ranges.update(self._trained_ranges())
        self._on_grid: set[Value] = set()
        self._whole = whole_values(builder)
        self._truncated = truncated_values(builder)
        self._integers: dict[tuple[Value, DataType], Value] = {}
        self._reals: dict[Value, Value] = {}
        self._casts: dict[tuple[Value, Quantization, DataType], Value] = {}

    @property
    def is_int8(self) -> bool:
        """Whether activations are int8."""
        return self.activations.dtype is DataType.INT8

    def is_wide(self, node: Node) -> bool:
        """Whether a node stores int16 where the others store int8: chosen, or moving int16."""
        if not self._wide or self._default.dtype is DataType.INT16:
            return False
        if node.kind in MOVING:
            return any(value.dtype is DataType.INT16 for value in node.reads())
        return node.outputs[0].origin in self._wide and node.kind not in _ONLY_INT8

    def turn_to(self, node: Node | None) -> None:
        """Store activations as a node does; as the scheme says without one."""
        wide = node is not None and self.is_wide(node)
        self.activations = WIDE if wide else self._default

    def range_of(self, value: Value) -> Range:
        """Return the range of a float value: of its data, or what was observed."""
        if value.data is not None:
            meant = without_sentinels(value.data)
            return Range(float(np.min(meant, initial=0.0)), float(np.max(meant, initial=0.0)))
        return self._ranges.get(value, Range(0.0, 0.0))

    def means_of(self, value: Value | None) -> npt.NDArray[np.float64] | None:
        """Return the mean of a float value at each index of its last axis, where observed."""
        return self._means.get(value) if value else None

    def assume(self, value: Value, low: float, high: float) -> None:
        """Say which range a value has that no sample showed."""
        self._ranges[value] = Range(low, high)

    def grid_of(self, value: Value) -> Quantization | None:
        """Return the grid that training chose for a value, as activations have it just now."""
        grid = self._grids.get(value)
        return activation_grid(grid, self.activations.dtype) if grid is not None else None

    def is_on_grid(self, weights: Value) -> bool:
        """Whether float weights were stored as the integers that training gave them."""
        return weights in self._on_grid

    def _trained_ranges(self) -> dict[Value, Range]:
        """Return the ranges of computed values that have a trained grid."""
        bottom, top = self.activations.limits
        ranges = {}
        for value in self._grids:
            grid = self.grid_of(value) if value.data is None else None
            if grid is not None:
                (scale,), (point,) = grid.scales, grid.zero_points
                ranges[value] = Range(scale * (bottom - point), scale * (top - point))
        return ranges

    def observed(self, value: Value, finest: float = 0.0) -> Quantization:
        """Return the parameters that a value's range asks for, of a step of at least ``finest``.

        A grid that training chose comes before all others, where it is not too fine. Whole
        numbers get a step of one where all of the range fits, and what is truncated to them a
        whole number of steps for each.
        """
        trained = self.grid_of(value)
        if trained is not None and trained.scales[0] >= finest:
            return trained
        if value.data is None and value not in self._ranges:
            self.unknown.append(value.name)
        seen = self.range_of(value)
        if value in self._whole and finest <= 1.0:
            ones = self.activations.whole_parameters(seen.low, seen.high)
            if ones is not None:
                return ones
        if value in self._truncated:
            parts = self.activations.whole_parameters(seen.low, seen.high, divided=True)
            if parts is not None and parts.scales[0] >= finest:
                return parts
        return self.activations.parameters(seen.low, seen.high, finest)

    def is_whole(self, value: Value) -> bool:
        """Whether a computed float value holds whole numbers only."""
        return value in self._whole

    def is_exact(self, value: Value) -> bool:
        """Whether the grid of a value holds every whole number of its range."""
        seen = self.range_of(value)
        counted = value in self._whole or value in self._truncated
        return counted and self.activations.whole_parameters(seen.low, seen.high) is not None

    def integer(self, value: Value | None) -> Value:
        """Return the integer form of a value: itself, a constant's, or a cast of another type."""
        assert value is not None
        dtype = self.activations.dtype
        if value.dtype is not DataType.FLOAT32:
            other = value.quantization is not None and value.dtype is not dtype
            return self.cast(value, self._in_other_width(value)) if other else value
        key = (value, dtype)
        if key not in self._integers:
            quantization = self.observed(value)
            self._integers[key] = (
                self.constant(value, quantization)
                if value.data is not None
                else self.cast(value, quantization)
            )
        return self._integers[key]

    def _in_other_width(self, value: Value) -> Quantization:
        """Return the grid of an int8 value in int16, exactly; or that of its range in int8."""
        assert value.quantization is not None
        if self.is_int8:
            return self.observed(value)
        return Quantization((value.quantization.scales[0] / _FINER,), (0,), 0)

    def integer_as(self, value: Value | None, quantization: Quantization) -> Value:
        """Return a value with given parameters, with a QUANTIZE where it has others."""
        assert value is not None
        if value.data is not None and value.dtype is DataType.FLOAT32:
            return self.constant(value, quantization)
        given = self.integer(value)
        return given if given.quantization == quantization else self.cast(given, quantization)

    def constant(self, value: Value, quantization: Quantization) -> Value:
        """Return a float constant as integers of the activations' type."""
        assert value.data is not None
        dtype = self.activations.dtype
        data = quantize_values(value.data, quantization, dtype)
        return Value(value.name, value.shape, dtype, data, quantization, value.origin)

    def weights(
        self,
        value: Value,
        axis: int | None,
        least: npt.NDArray[np.float64] | float = 0.0,
        kind: str = "",
    ) -> Value:
        """Return float weights as int8, with one scale (not below ``least``) a channel.

        They become INT4 where that is exact, and the kernels of the operator, ``kind``, take it.

        Integers that training gave them come first; those that were chosen before are taken
        where they are of this very grid, and the weights are not of few values, which other
        integers would make more of.
        """
        assert value.data is not None
        grid = self._grids.get(value)
        trained = trained_weights(value.data, grid, axis, least) if grid is not None else None
        if trained is not None:
            self._on_grid.add(value)
            kept, codes = trained
            dtype = DataType.INT8
            if fits_four_bits(codes) and self._takes_four_bits(kind, axis):
                dtype = DataType.INT4
            return Value(value.name, value.shape, dtype, codes, kept, value.origin)
        small = None
        if self._takes_four_bits(kind, axis):
            small = four_bit_weights(value.data, axis, least)
        if small is not None:
            fine, codes = small
            return Value(value.name, value.shape, DataType.INT4, codes, fine, value.origin)
        quantization = weights_of(value.data, axis, least)
        chosen = self._chosen.get(value.name)
        usable = chosen is not None and chosen.quantization == quantization
        if chosen is not None and usable and fitting_scales(value.data, axis) is None:
            data = chosen.codes
        else:
            data = quantize_values(value.data, quantization, DataType.INT8)
        return Value(value.name, value.shape, DataType.INT8, data, quantization, value.origin)

    def _takes_four_bits(self, kind: str, axis: int | None) -> bool:
        kernels = self._four_bits.one_scale if axis is None else self._four_bits.per_channel
        return self.is_int8 and kind in kernels

    def bias(self, value: Value, source: Value, weights: Value) -> Value:
        """Return a float bias as integers on the accumulator's grid."""
        assert value.data is not None
        assert source.quantization is not None
        assert weights.quantization is not None
        quantization = bias_of(source.quantization, weights.quantization)
        dtype = self.activations.bias_dtype
        data = quantize_values(value.data, quantization, dtype)
        return Value(value.name, value.shape, dtype, data, quantization, value.origin)

    def cast(
        self, value: Value, quantization: Quantization, dtype: DataType | None = None
    ) -> Value:
        """Emit a QUANTIZE to given parameters, once for the same value and parameters."""
        dtype = dtype or self.activations.dtype
        key = (value, quantization, dtype)
        if key not in self._casts:
            name = f"{value.name}/quantized"
            result = Value(name, value.shape, dtype, None, quantization, value.origin)
            self.nodes.append(Node("QUANTIZE", [value], [result]))
            self._casts[key] = result
        return self._casts[key]

    def real(self, value: Value) -> Value:
        """Return the float form of a value, with a DEQUANTIZE where it is an integer."""
        if value.quantization is None:
            return value
        if value not in self._reals:
            result = Value(
                f"{value.name}/float", value.shape, DataType.FLOAT32, None, None, value.origin
            )
            self.nodes.append(Node("DEQUANTIZE", [value], [result]))
            self._reals[value] = result
        return self._reals[value]

    def become(self, value: Value, quantization: Quantization) -> None:
        """Make a computed value an integer one with given parameters."""
        value.dtype = self.activations.dtype
        value.quantization = quantization

    def keep(self, node: Node, inputs: list[Value | None]) -> None:
        """Add a node with its inputs replaced."""
        node.inputs = inputs
        self.nodes.append(node)

    def island(self, node: Node) -> None:
        """Leave a node in float."""
        node.inputs = [value and self.real(value) for value in node.inputs]
        self.nodes.append(node)
        self.islands.append(node)


def _by_value(values: Iterable[Value], known: Mapping[str, Item]) -> dict[Value, Item]:
    return {value: known[value.name] for value in values if value.name in known}


def _values(builder: GraphBuilder) -> set[Value]:
    found = set(builder.inputs)
    for node in builder.nodes:
        found.update(node.outputs)
    return found
