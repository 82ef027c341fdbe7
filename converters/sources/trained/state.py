"""The float graph in the making: what integers stand for, which grids tensors have."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.finding import CompressionFinding
from edgekit.converters.sources.trained.checking import block_size, known_tensors
from edgekit.converters.sources.trained.describing import described, described_blocks
from edgekit.converters.sources.trained.errors import TrainedGridError
from edgekit.converters.sources.trained.grids import (
    codes_of,
    read_grid,
    reals_of,
    reals_of_blocks,
)
from edgekit.converters.sources.trained.limits import activation_in, ends_within, stays_positive
from edgekit.converters.trained_grid import TrainedGrid

__all__ = ["State"]

_CLIPS_BY_INPUTS = 11  # opset from which on the ends of Clip are inputs
_UNREADING = frozenset(["Shape", "Size"])  # they tell no values apart


@dataclass(frozen=True, slots=True)
class _Integers:
    """What an integer tensor of the given model stands for."""

    tensor: str
    grid: TrainedGrid


class State:
    """What is known while the nodes of a model are read in their order.

    Attributes:
        constants: Every known tensor, integers as they are stored.
        nodes: Of the float graph so far.
        initializers: New float constants by name.
        grids: Tensor of the float graph -> its grid.
        findings: One for each tensor that has one.
        restored: Tensors at which an activation was written out again.
    """

    def __init__(self, graph: Any, opset: int) -> None:
        self._opset = opset
        self.constants: dict[str, npt.NDArray[Any]] = known_tensors(graph)
        self.nodes: list[Any] = []
        self.initializers: dict[str, npt.NDArray[np.float32]] = {}
        self.grids: dict[str, TrainedGrid] = {}
        self.findings: list[CompressionFinding] = []
        self.restored: list[str] = []
        self._named: dict[str, str] = {}  # another name of a tensor -> its name in the float graph
        self._integers: dict[str, _Integers] = {}
        self._dequantized: dict[str, tuple[str, npt.NDArray[np.int64]]] = {}
        self._roots: dict[str, str] = {}  # float constant -> the integers that it was made of
        self._others: dict[tuple[str, TrainedGrid], str] = {}  # second names for other grids
        self._readers = Counter(
            name
            for node in graph.node
            if node.op_type not in _UNREADING
            for name in node.input
            if name
        )
        self._quantizers: dict[str, list[tuple[str, ...]]] = {}
        for node in graph.node:
            if node.op_type == "QuantizeLinear":
                self._quantizers.setdefault(node.input[0], []).append(tuple(node.input[1:]))
        self._given = {value.name for value in graph.input}
        self._outputs = {value.name for value in graph.output}
        self._positive: set[str] = set()

    def real(self, name: str) -> str:
        """Return what a float tensor of the given model is called in the float graph."""
        return self._named.get(name, name)

    def alias(self, name: str, tensor: str) -> None:
        """Say that a tensor of the given model is one of the float graph."""
        self._named[name] = tensor

    def is_integer(self, name: str) -> bool:
        """Whether a tensor of the given model holds computed integers of a grid."""
        return name in self._integers

    def grid_of(self, name: str) -> TrainedGrid:
        """Return the grid of an integer tensor of the given model."""
        return self._integers[name].grid

    def emit(
        self, like: Any, kind: str, inputs: Sequence[str], output: str, keep: Sequence[str] = ()
    ) -> None:
        """Add a float node in the place of a given one, with those attributes of it."""
        from onnx import helper

        node = helper.make_node(kind, list(inputs), [output], name=like.name or output)
        node.attribute.extend(item for item in like.attribute if item.name in keep)
        self.add(node)

    def add(self, node: Any) -> None:
        """Add a node of the float graph."""
        self.nodes.append(node)
        if stays_positive(node, self._positive):
            self._positive.update(node.output)

    def read(self, node: Any, position: int, slot: tuple[int, int]) -> str:
        """Return the float tensor that an integer input of a node stands for.

        Raises:
            TrainedGridError: It has another grid than the node says, or none is known.
        """
        name = str(node.input[position])
        values = self.constants.get(name)
        rank = None if values is None else values.ndim
        dtype = "uint8" if values is None else values.dtype.name
        if values is not None and block_size(node):
            return self._blocks(node, name, values)
        if name not in self._integers and values is None:
            raise TrainedGridError(
                node,
                f"'{name}' holds integers of which no QuantizeLinear says what they stand for",
                hint="give the model float inputs, and quantize it with pairs of QuantizeLinear "
                "and DequantizeLinear",
            )
        if name in self._integers:
            dtype = self._integers[name].grid.dtype
        grid = read_grid(node, self.constants, slot, dtype, rank)
        if values is not None:
            return self.constant(node, name, grid)
        known = self._integers[name]
        if (known.grid.scales, known.grid.zero_points) != (grid.scales, grid.zero_points):
            raise TrainedGridError(
                node,
                f"'{name}' is read on another grid than it was written on",
                hint="give both sides of a quantized tensor the same scale and zero point",
            )
        return known.tensor

    def constant(self, node: Any, name: str, grid: TrainedGrid, role: str = "weight") -> str:
        """Make a float constant of known integers; return its name.

        Integers that are read on several grids are a constant for each.
        """
        source, codes = self._dequantized.get(name, (name, self.constants[name]))
        reals = reals_of(node, np.asarray(codes), grid)
        tensor = str(source)
        for number in range(1, len(self.initializers) + 2):
            if tensor not in self.initializers:
                break
            if self.grids.get(tensor) == grid:
                return tensor
            tensor = f"{source}/{number}"
        self.initializers[tensor] = reals
        self._roots[tensor] = name
        self._positive.update([tensor] if np.all(reals >= 0) else [])
        self.keep(tensor, grid, "bias" if grid.dtype == "int32" else role)
        return tensor

    def quantized_constant(self, node: Any, name: str, grid: TrainedGrid) -> None:
        """Take note of a float constant that a QuantizeLinear makes integers of."""
        codes = codes_of(node, self._known(name), grid)
        source = self.real(name) if self._only_on_one_grid(name) else node.output[0]
        self._dequantized[node.output[0]] = (source, codes)
        self.constants[node.output[0]] = codes

    def _known(self, name: str) -> npt.NDArray[Any]:
        values = self.initializers.get(self.real(name))
        return self.constants[name] if values is None else values

    def _blocks(self, node: Any, name: str, values: npt.NDArray[Any]) -> str:
        """Make a float constant of integers with a scale for each block of them."""
        parts = [self.constants.get(item) for item in node.input[1:] if item]
        self.initializers[name] = reals_of_blocks(node, values, parts, block_size(node))
        self.findings.append(described_blocks(name, values.dtype.name, block_size(node)))
        return name

    def write(self, node: Any, grid: TrainedGrid, name: str, output: str) -> None:
        """Say that the float tensor ``name`` is quantized, which gives the integers ``output``.

        An activation that the grid stands for is written out where the tensor needs it.
        """
        tensor = self.real(name)
        alone = name == output or self._only_on_one_grid(name)
        known = self.grids.get(tensor)
        if known != grid and (known is not None or not alone):
            tensor = self._another(node, tensor, grid, output)
        tensor = self._limited(node, tensor, grid)
        self._integers[output] = _Integers(tensor, grid)
        if tensor not in self.grids:
            self.keep(tensor, grid, "activation")

    def moved(self, node: Any, source: str) -> None:
        """Say that the outputs of a node are integers on the grid of one that it moves."""
        for output in filter(None, node.output):
            self._integers[output] = _Integers(output, self._integers[source].grid)
            self.grids[output] = self._integers[source].grid

    def float_of(self, name: str) -> str:
        """Return the float tensor that a computed integer tensor stands for."""
        return self._integers[name].tensor

    def keep(self, tensor: str, grid: TrainedGrid, role: str) -> None:
        """Take note of the grid of a tensor of the float graph."""
        self.grids[tensor] = grid
        self.findings.append(described(tensor, grid, role))

    def rename(self, old: str, new: str) -> None:
        """Call a tensor of the float graph what the model calls its output."""
        if old in self.grids:
            self.grids[new] = self.grids.pop(old)
        self._named = {name: new if item == old else item for name, item in self._named.items()}
        self.findings = [
            replace(item, tensor=new) if item.tensor == old else item for item in self.findings
        ]

    def _another(self, node: Any, tensor: str, grid: TrainedGrid, output: str) -> str:
        """Give a tensor that others read as it is, or on their grid, a second name for this one."""
        from onnx import helper

        if (tensor, grid) not in self._others:
            self._others[tensor, grid] = output
            self.add(helper.make_node("Identity", [tensor], [output], name=node.name or output))
        return self._others[tensor, grid]

    def _limited(self, node: Any, tensor: str, grid: TrainedGrid) -> str:
        from onnx import helper

        activation = activation_in(grid)
        if activation is None or tensor in self._given:
            return tensor
        kind, top = activation
        if tensor in self.grids or (kind == "Relu" and tensor in self._positive):
            return tensor
        maker = next(item for item in self.nodes if tensor in item.output)
        self._positive.add(tensor)
        if top is not None and ends_within(maker, self.constants, top):
            return tensor
        inner = f"{tensor}/unlimited"
        maker.output[:] = [inner if item == tensor else item for item in maker.output]
        inputs = [inner]
        limits: dict[str, Any] = {}
        if top is not None and self._opset < _CLIPS_BY_INPUTS:
            limits = {"min": 0.0, "max": top}
        elif top is not None:
            inputs += [self._number(0.0), self._number(top)]
        label = f"{node.name or tensor}/{kind.lower()}"
        self.nodes.append(helper.make_node(kind, inputs, [tensor], name=label, **limits))
        self.restored.append(tensor)
        return tensor

    def _only_on_one_grid(self, name: str) -> bool:
        """Whether a float tensor is read by QuantizeLinear alone, with the same parameters."""
        found = self._quantizers.get(name, [])
        alone = self._readers[name] == len(found) and name not in self._outputs
        return alone and len(set(found)) == 1

    def _number(self, value: float) -> str:
        name = f"edgekit/{value:g}"
        self.initializers[name] = np.asarray(value, np.float32)
        return name

    def moved_constant(self, name: str, output: str, order: Sequence[int]) -> bool:
        """Transpose a constant that has a grid; tell whether it is one."""
        tensor = self.real(name)
        if tensor not in self.initializers or tensor not in self.grids:
            return False
        grid = self.grids[tensor]
        moved = replace(grid, axis=list(order).index(grid.axis)) if len(grid.scales) > 1 else grid
        alone = self._readers[name] == 1 and self._readers[self._roots[tensor]] == 1
        target = tensor if alone else output
        self.initializers[target] = np.ascontiguousarray(
            np.transpose(self.initializers[tensor], order)
        )
        if target != tensor:
            self._roots[target] = self._roots[tensor]
            self.keep(target, moved, "weight")
        self.grids[target] = moved
        self.alias(output, target)
        return True
