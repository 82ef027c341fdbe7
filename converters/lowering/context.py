"""What a lowering function works with: tensors in any axis order, and the graph being built."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.builder import GraphBuilder, Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.interface import SourceLink, rearranged
from edgekit.converters.layout import CHANNELS_LAST_AXES, tensors_towards_spatial
from edgekit.converters.lowering.blocks import merged_transpose
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.kernels import require_type
from edgekit.converters.lowering.source_graph import SourceGraph, SourceNode

__all__ = ["Axes", "Deferred", "Lowering", "identity"]

_PLAIN_RANK = 4  # of transpositions that are left as they are
_LARGEST_TRANSPOSE = 6  # axes that LiteRT's kernel takes

Axes = tuple[int, ...]
"""``axes[i]`` is the source axis that stands at position ``i``."""


def identity(rank: int) -> Axes:
    """Return the source's own order."""
    return tuple(range(rank))


@dataclass(frozen=True, slots=True)
class Deferred:
    """A tensor that has another's data in the same sequence, made in the order that is asked for.

    Attributes:
        source: The other tensor.
        node: On whose behalf.
        default: An order to make it in where any will do.
        needs: The order of ``source`` that gives an order of this tensor; None where there is
            none, but never for ``default``.
    """

    source: str
    node: SourceNode
    default: Axes
    needs: Callable[[Axes], Axes | None]


class Lowering:
    """The source's tensors as values of the graph being built.

    A source tensor may exist in several axis orders at once. Convolutions and pools ask for
    channels last; operators that work on each element take what is there and keep it; a
    transposition is emitted only where an order is asked for that does not exist yet.

    Attributes:
        source: What is lowered.
        builder: The graph being built.
        node: The node being lowered.
    """

    def __init__(self, source: SourceGraph) -> None:
        self.source = source
        self.builder = GraphBuilder()
        self.node: SourceNode | None = None
        self._values: dict[str, dict[Axes, Value]] = {}
        self._named: set[Value] = set()
        self._deferred: dict[str, Deferred] = {}
        self._spatial = tensors_towards_spatial(source.nodes)

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the source shape of a tensor."""
        return self.source.shapes[name]

    def rank(self, name: str) -> int:
        """Return the number of axes of a tensor."""
        return len(self.source.shapes[name])

    def meets_spatial(self, name: str) -> bool:
        """Whether a tensor reaches an operator that wants channels last."""
        return name in self._spatial

    def dtype(self, name: str) -> DataType:
        """Return the element type of a tensor."""
        return DataType(self.source.dtypes[name].name.upper())

    def constant(self, name: str) -> npt.NDArray[Any] | None:
        """Return the values of a constant, None for what is computed."""
        return self.source.constants.get(name)

    def required_constant(self, node: SourceNode, position: int) -> npt.NDArray[Any]:
        """Return the values of an input that has to be constant.

        Raises:
            RefusedError: It is computed.
        """
        values = self.constant(node.inputs[position])
        if values is None:
            raise RefusedError(
                node,
                f"input {position} is computed while the model runs",
                hint="export the model with this input as a constant",
            )
        return values

    def axes(self, name: str) -> Axes:
        """Return an order in which a tensor exists; channels last before the source's own."""
        if name in self.source.constants:
            return identity(self.rank(name))
        orders = self.orders(name)
        preferred = CHANNELS_LAST_AXES.get(self.rank(name))
        return preferred if preferred in orders else orders[0]

    def orders(self, name: str) -> tuple[Axes, ...]:
        """Return every order in which a tensor exists; only the source's own for constants."""
        if name in self.source.constants:
            return (identity(self.rank(name)),)
        made = tuple(self._values.get(name, ()))
        return made or (self._deferred[name].default,)

    def has(self, name: str, axes: Axes) -> bool:
        """Whether a tensor exists in an axis order, so that asking for it moves no data."""
        if axes in self._values.get(name, ()) or name in self.source.constants:
            return True
        deferred = self._deferred.get(name)
        needed = deferred.needs(axes) if deferred else None
        return deferred is not None and needed is not None and self.has(deferred.source, needed)

    def get(self, name: str, axes: Axes | None = None) -> Value:
        """Return a tensor in an axis order (the source's own by default).

        Where it does not exist in this order, a transposition is emitted; a reshape does when
        only axes of size 1 move.
        """
        axes = axes or identity(self.rank(name))
        values = self._values.setdefault(name, {})
        if axes in values:
            return values[axes]
        data = self.constant(name)
        if data is not None:
            link = SourceLink(name, axes)
            values[axes] = self.builder.constant(np.transpose(data, axes), name, link)
        elif (value := self._made(name, axes)) is not None:
            self.set(name, value, axes)
        else:
            values[axes] = self._moved(values, axes)
        return values[axes]

    def made_of(self, source: str, data: npt.NDArray[Any], name: str) -> Value:
        """Return a constant that is made from one of the source, or from computed values."""
        link = SourceLink(source, None) if source in self.source.constants else None
        return self.builder.constant(data, name, link)

    def set(self, name: str, value: Value, axes: Axes | None = None) -> None:
        """Say that ``value`` is a source tensor in an axis order.

        One value may stand for several tensors: what only renames axes emits nothing.

        Raises:
            AssertionError: Its shape is not the source's, which is a mistake in a lowering.
        """
        axes = axes or identity(self.rank(name))
        wanted = tuple(self.shape(name)[axis] for axis in axes)
        assert value.shape == wanted, f"{name}: {value.shape} is not {wanted}"
        if value not in self._named and not value.is_constant:
            self._named.add(value)  # a value that stands for several tensors bears the first name
            value.name = name
            value.link = SourceLink(name, axes)
        self._values.setdefault(name, {})[axes] = value

    def defer(self, name: str, deferred: Deferred) -> None:
        """Say how a tensor is made from another once somebody asks for it."""
        self._deferred[name] = deferred

    def emit(
        self,
        kind: str,
        inputs: Sequence[Value | None],
        shape: Sequence[int],
        *,
        dtype: DataType | None = None,
        **options: Any,
    ) -> Value:
        """Append an operator on behalf of the node being lowered.

        Raises:
            RefusedError: LiteRT has no kernel of this kind for the type.
        """
        require_type(self.node, kind, inputs)
        label = self.node.label if self.node else ""
        name = f"{self.node.name}/{kind.lower()}" if self.node else kind.lower()
        return self.builder.emit(
            kind, inputs, shape, dtype=dtype, name=name, origin=label, **options
        )

    def emit_many(
        self,
        kind: str,
        inputs: Sequence[Value | None],
        shapes: Sequence[Sequence[int]],
        dtypes: Sequence[DataType],
        **options: Any,
    ) -> list[Value]:
        """Append an operator with several outputs on behalf of the node being lowered."""
        value = self.emit(kind, inputs, shapes[0], dtype=dtypes[0], **options)
        node = self.builder.nodes[-1]
        for shape, dtype in zip(shapes[1:], dtypes[1:], strict=True):
            sizes = tuple(int(size) for size in shape)
            node.outputs.append(Value(value.name, sizes, dtype, origin=value.origin))
        return list(node.outputs)

    def reshape(self, value: Value, shape: Sequence[int]) -> Value:
        """Return a value with another shape, itself when it has it already."""
        shape = tuple(int(size) for size in shape)
        if value.shape == shape:
            return value
        if value.data is not None:
            return self.builder.constant(
                value.data.reshape(shape), value.name, rearranged(value.link)
            )
        target = self.builder.integers(shape, "shape")
        return self.emit("RESHAPE", [value, target], shape, new_shape=shape)

    def transpose(self, value: Value, order: Axes) -> Value:
        """Return a value with its axes in another order (positions of ``value``).

        Axes that stay neighbours are merged where there are many.

        Raises:
            RefusedError: More axes are left than the kernel takes.
        """
        if order == identity(len(order)):
            return value
        shape = tuple(value.shape[axis] for axis in order)
        if value.data is not None:
            moved_data = np.transpose(value.data, order)
            return self.builder.constant(moved_data, value.name, rearranged(value.link))
        moved = [axis for axis in order if value.shape[axis] != 1]
        if moved == sorted(moved):
            return self.reshape(value, shape)
        if len(order) > _PLAIN_RANK:
            sizes, order = merged_transpose(value.shape, order)
            value = self.reshape(value, sizes)
        if len(order) > _LARGEST_TRANSPOSE and self.node is not None:
            raise RefusedError(
                self.node,
                f"it takes a transposition of {len(order)} axes",
                hint=f"TFLite's TRANSPOSE takes {_LARGEST_TRANSPOSE}",
            )
        permutation = self.builder.integers(order, "permutation")
        moved_shape = [value.shape[axis] for axis in order]
        return self.reshape(self.emit("TRANSPOSE", [value, permutation], moved_shape), shape)

    def _made(self, name: str, axes: Axes) -> Value | None:
        """Make a deferred tensor; None where moving what exists is as good."""
        deferred = self._deferred.get(name)
        if deferred is None:
            return None
        if self._values[name] and not self.has(name, axes):
            return None
        needed = deferred.needs(axes)
        if needed is None:
            self.get(name, deferred.default)
            return None
        asking, self.node = self.node, deferred.node
        shape = [self.shape(name)[axis] for axis in axes]
        value = self.reshape(self.get(deferred.source, needed), shape)
        self.node = asking
        return value

    def _moved(self, values: dict[Axes, Value], axes: Axes) -> Value:
        have = next(iter(values))
        for candidate, value in values.items():  # one that needs no data to move, if any
            order = [candidate.index(axis) for axis in axes]
            moved = [position for position in order if value.shape[position] != 1]
            if moved == sorted(moved):
                have = candidate
        return self.transpose(values[have], tuple(have.index(axis) for axis in axes))
