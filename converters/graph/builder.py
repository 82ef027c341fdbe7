"""Build a graph operator by operator, or take one apart to change it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.data_type import DataType
from edgekit.converters.graph.four_bits import pack_int4, unpack_int4
from edgekit.converters.graph.model import (
    Graph,
    Operator,
    Quantization,
    Signature,
    Subgraph,
    Tensor,
)
from edgekit.converters.graph.options_table import OPTIONS_TYPES
from edgekit.converters.interface import SourceLink

__all__ = ["GraphBuilder", "Node", "Value", "without_number"]


@dataclass(slots=True, eq=False)
class Value:
    """A tensor of a graph that is being built.

    Attributes:
        name: Made unique when the graph is finished.
        shape: Fixed.
        dtype: Element type.
        data: Constant values, None for what is computed; int8 for INT4.
        quantization: None where it has no scale.
        origin: The source node that made it, as ``Op 'node'``; empty where unknown.
        is_variable: Whether it keeps its value between invocations.
        link: The source's tensor that it stands for, None where there is none.
    """

    name: str
    shape: tuple[int, ...]
    dtype: DataType
    data: npt.NDArray[Any] | None = None
    quantization: Quantization | None = None
    origin: str = ""
    is_variable: bool = False
    link: SourceLink | None = None

    @property
    def is_constant(self) -> bool:
        """Whether its values are known."""
        return self.data is not None


@dataclass(slots=True, eq=False)
class Node:
    """An operator of a graph that is being built; inputs are None where absent."""

    kind: str
    inputs: list[Value | None]
    outputs: list[Value]
    options: dict[str, Any] = field(default_factory=dict)
    version: int = 1

    def reads(self) -> Iterable[Value]:
        """Yield the inputs that are there."""
        return (value for value in self.inputs if value is not None)


class GraphBuilder:
    """One subgraph in the making.

    Attributes:
        nodes: In the order of execution.
        inputs: Of the model.
        outputs: Of the model.
        pinned: Tensors of the source that have to stay tensors of their own.
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.inputs: list[Value] = []
        self.outputs: list[Value] = []
        self.pinned: frozenset[str] = frozenset()

    def constant(self, data: npt.NDArray[Any], name: str, link: SourceLink | None = None) -> Value:
        """Return a constant of the data's own type."""
        dtype = DataType(data.dtype.name.upper())
        return Value(name, data.shape, dtype, np.asarray(data, order="C"), link=link)

    def integers(self, values: Sequence[int], name: str) -> Value:
        """Return an int32 vector, which shapes, axes and permutations are."""
        return self.constant(np.array(values, np.int32), name)

    def emit(
        self,
        kind: str,
        inputs: Sequence[Value | None],
        shape: Sequence[int],
        *,
        dtype: DataType | None = None,
        name: str = "",
        origin: str = "",
        **options: Any,
    ) -> Value:
        """Append an operator with one output and return it.

        Args:
            kind: TFLite's name.
            inputs: What it reads; None for an absent optional input.
            shape: Of the output.
            dtype: Of the output; that of the first input by default.
            name: Of the output.
            origin: The source node it comes from.
            options: Under the schema's names.
        """
        first = next(value for value in inputs if value is not None)
        output = Value(
            name or f"{first.name}/{kind.lower()}",
            tuple(int(size) for size in shape),
            dtype or first.dtype,
            origin=origin,
        )
        self.nodes.append(Node(kind, list(inputs), [output], options))
        return output

    def consumers(self) -> dict[Value, list[Node]]:
        """Return who reads each value, in the order of execution."""
        found: dict[Value, list[Node]] = {}
        for node in self.nodes:
            for value in node.reads():
                found.setdefault(value, []).append(node)
        return found

    def producers(self) -> dict[Value, Node]:
        """Return who writes each computed value."""
        return {value: node for node in self.nodes for value in node.outputs}

    def replace(self, old: Value, new: Value) -> None:
        """Let everything that reads ``old`` read ``new``."""
        for node in self.nodes:
            node.inputs = [new if value is old else value for value in node.inputs]
        self.outputs = [new if value is old else value for value in self.outputs]

    def remove_dead(self) -> bool:
        """Drop operators that nothing depends on; tell whether there were any."""
        needed = set(self.outputs)
        kept = []
        for node in reversed(self.nodes):
            if needed.intersection(node.outputs):
                needed.update(node.reads())
                kept.append(node)
        changed = len(kept) != len(self.nodes)
        self.nodes = kept[::-1]
        return changed

    def tensor_names(self) -> dict[Value, str]:
        """Return the values in the order of the file, with the names that they get there."""
        values = [*self.inputs, *self.outputs]
        for node in self.nodes:
            values.extend((*node.reads(), *node.outputs))
        return _unique(dict.fromkeys(values))

    def finish(self, name: str = "main") -> Graph:
        """Return the graph, with a signature over the names of its inputs and outputs."""
        names = self.tensor_names()
        order = {value: index for index, value in enumerate(names)}
        tensors = tuple(_tensor(index, value, names[value]) for value, index in order.items())
        operators = tuple(
            Operator(
                index=index,
                kind=node.kind,
                version=node.version,
                inputs=tuple(-1 if value is None else order[value] for value in node.inputs),
                outputs=tuple(order[value] for value in node.outputs),
                options=node.options,
                options_type=OPTIONS_TYPES.get(node.kind, ""),
            )
            for index, node in enumerate(self.nodes)
        )
        inputs = {names[value]: order[value] for value in self.inputs}
        outputs = {names[value]: order[value] for value in self.outputs}
        subgraph = Subgraph(
            name, tensors, operators, tuple(inputs.values()), tuple(outputs.values())
        )
        return Graph((subgraph,), signatures=(Signature("serving_default", 0, inputs, outputs),))

    @classmethod
    def of(
        cls,
        graph: Graph,
        origins: Mapping[str, str] | None = None,
        links: Mapping[str, SourceLink] | None = None,
    ) -> Self:
        """Take a graph of one subgraph apart.

        Args:
            graph: The graph.
            origins: Tensor name -> source node.
            links: Tensor name -> source tensor.
        """
        main = graph.main
        builder = cls()
        values = [_value(tensor, origins or {}, links or {}) for tensor in main.tensors]
        builder.inputs = [values[index] for index in main.inputs]
        builder.outputs = [values[index] for index in main.outputs]
        builder.nodes = [
            Node(
                item.kind,
                [values[index] if index >= 0 else None for index in item.inputs],
                [values[index] for index in item.outputs],
                dict(item.options),
                item.version,
            )
            for item in main.operators
        ]
        return builder


def without_number(name: str) -> str:
    """Return a tensor's name without the number that may have made it unique."""
    base, _, number = name.rpartition("_")
    return base if number.isdigit() else name


def _unique(values: Iterable[Value]) -> dict[Value, str]:
    taken: set[str] = set()
    numbers: dict[str, int] = {}
    names = {}
    for value in values:
        name, number = value.name, numbers.get(value.name, 1)
        while name in taken:
            name, number = f"{value.name}_{number}", number + 1
        taken.add(name)
        numbers[value.name] = number
        names[value] = name
    return names


def _tensor(index: int, value: Value, name: str) -> Tensor:
    return Tensor(
        index=index,
        name=name,
        shape=value.shape,
        dtype=value.dtype,
        quantization=value.quantization,
        data=_stored(value),
        is_variable=value.is_variable,
    )


def _stored(value: Value) -> bytes | None:
    if value.data is None:
        return None
    return pack_int4(value.data) if value.dtype is DataType.INT4 else value.data.tobytes()


def _value(tensor: Tensor, origins: Mapping[str, str], links: Mapping[str, SourceLink]) -> Value:
    data: npt.NDArray[Any] | None = None
    if tensor.data is not None and tensor.dtype is DataType.INT4:
        data = unpack_int4(tensor.data, tensor.shape)
    elif tensor.data is not None and tensor.dtype.numpy is not None:
        data = np.frombuffer(tensor.data, tensor.dtype.numpy).reshape(tensor.shape)
    return Value(
        tensor.name,
        tensor.shape,
        tensor.dtype,
        data,
        tensor.quantization,
        origins.get(tensor.name, ""),
        tensor.is_variable,
        links.get(tensor.name),
    )
