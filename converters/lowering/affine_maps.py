"""Find the tensors of a source that are affine maps of tensors before them."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from edgekit.converters.lowering.affine_map import AffineMap, Floats, Form
from edgekit.converters.lowering.source_graph import SourceGraph, SourceNode, body_reads

__all__ = ["AffineMaps"]

_BIAS = 2  # input position; those before it are the operands


class AffineMaps:
    """Every way in which tensors of a source are affine maps of tensors before them.

    Args:
        graph: Without operators that pass a tensor on as it is.
    """

    def __init__(self, graph: SourceGraph) -> None:
        self._graph = graph
        self._makers = {name: node for node in graph.nodes for name in node.outputs if name}
        self._readers: dict[str, set[SourceNode]] = {}
        for node in graph.nodes:
            for name in (*node.inputs, *body_reads(node)):
                self._readers.setdefault(name, set()).add(node)
        self._known: dict[str, tuple[AffineMap, ...]] = {}

    def of(self, name: str) -> tuple[AffineMap, ...]:
        """Return the maps that a tensor is, those of the nearest tensors first."""
        if name not in self._known:
            node = self._makers.get(name)
            rule = None if node is None or node.domain else _RULES.get(node.kind)
            self._known[name] = tuple(rule(self, node)) if rule and node else ()
        return self._known[name]

    def is_private(self, found: AffineMap, last: SourceNode) -> bool:
        """Whether nobody else reads what is computed on the way to the last node."""
        return all(
            name not in self._graph.outputs and self._readers.get(name, set()) <= found.steps
            for step in found.steps - {last}
            for name in step.outputs
        )

    def _products(self, node: SourceNode) -> Iterator[AffineMap]:
        direct = self._product(node)
        if direct is None:
            return
        yield direct
        before = self._makers.get(direct.x)
        if before is not None and before.kind in ("Mul", "Div") and not before.domain:
            for name, factor in self._factors(before, Form("number"), 1):
                yield direct.of_multiple(name, factor, before)
        for inner in self.of(direct.x):
            composed = direct.after(inner)
            if composed is not None:
                yield composed

    def _product(self, node: SourceNode) -> AffineMap | None:
        """Return the map that a product with one constant is."""
        side = 0 if node.kind == "Gather" or node.inputs[0] in self._graph.constants else 1
        name, x = node.inputs[side], node.inputs[1 - side]
        values = self._graph.constants.get(name)
        if values is None or values.dtype != np.float32 or x in self._graph.constants:
            return None
        oriented = _oriented(node, side, values)
        if oriented is None or (node.kind == "MatMul" and len(self._graph.shapes[x]) < 2):
            return None
        form, weights = oriented
        bias = None
        if node.has(2):
            # A convolution's bias lies along the outputs by definition.
            constant = self._graph.constants.get(node.inputs[2])
            bias = constant if node.kind == "Conv" else self._along(form, node, 2, len(weights))
            if bias is None:
                return None
            bias = np.broadcast_to(bias * np.float64(node.number("beta", 1.0)), (len(weights),))
        alpha = node.number("alpha", 1.0)
        return AffineMap(
            x=x,
            form=form,
            out=len(weights),
            weights=lambda: weights.astype(np.float64) * alpha,
            bias=bias,
            base=node,
            constant=name,
            branches=(),
            steps=frozenset([node]),
            scale=alpha,
        )

    def _along(self, form: Form, node: SourceNode, position: int, out: int) -> Floats | None:
        """Return a constant that has one number, or one for each output, as such."""
        values = self._graph.constants.get(node.inputs[position])
        rank = len(self._graph.shapes[node.outputs[0]])
        if values is None or values.dtype != np.float32 or values.ndim > rank:
            return None
        if position < _BIAS and len(self._graph.shapes[node.inputs[1 - position]]) != rank:
            return None  # it gives the other operand more axes
        if values.size == 1:
            return values.reshape(()).astype(np.float64)
        shape = (1,) * (rank - values.ndim) + values.shape
        if values.size != out or form.kind == "number" or shape[form.out_axis(rank)] != out:
            return None
        return values.reshape(-1).astype(np.float64)

    def _sums(self, node: SourceNode) -> Iterator[AffineMap]:
        first, second = (self.of(name) for name in node.inputs)
        sign = -1.0 if node.kind == "Sub" else 1.0
        for one in first:
            shift = self._along(one.form, node, 1, one.out)
            if shift is not None:
                yield one.shifted(sign * shift, node)
            for other in second:
                total = one.plus(other, sign, node)
                if total is not None:
                    yield total
        for other in second:
            shift = self._along(other.form, node, 0, other.out)
            if shift is not None:
                yield other.scaled(np.array(sign), node).shifted(shift, node)

    def _multiples(self, node: SourceNode) -> Iterator[AffineMap]:
        for name in node.inputs[: 1 if node.kind == "Div" else 2]:
            for found in self.of(name):
                for taken, factor in self._factors(node, found.form, found.out):
                    if taken == name:
                        yield found.scaled(factor, node)

    def _factors(self, node: SourceNode, form: Form, out: int) -> Iterator[tuple[str, Floats]]:
        """Yield what a Mul or Div multiplies, and with which constant."""
        for position in (1,) if node.kind == "Div" else (1, 0):
            factor = self._along(form, node, position, out)
            if factor is not None and (node.kind == "Mul" or factor.all()):
                yield node.inputs[1 - position], factor if node.kind == "Mul" else 1.0 / factor


_RULES: dict[str, Callable[[AffineMaps, SourceNode], Iterator[AffineMap]]] = {
    **dict.fromkeys(("Conv", "Gather", "Gemm", "MatMul"), AffineMaps._products),  # noqa: SLF001
    **dict.fromkeys(("Add", "Sub"), AffineMaps._sums),  # noqa: SLF001
    **dict.fromkeys(("Div", "Mul"), AffineMaps._multiples),  # noqa: SLF001
}


def _oriented(node: SourceNode, side: int, values: Floats) -> tuple[Form, Floats] | None:
    """Return how a node multiplies with its constant, and that as ``[out, in, ...]``."""
    if node.kind == "Conv":
        plain = side == 1 and node.integer("group", 1) == 1
        return (Form("conv", _geometry(node, values.shape)), values) if plain else None
    if values.ndim != 2:
        return None
    if node.kind == "Gather":
        return None if node.integer("axis", 0) else (Form("rows"), values.T)
    if node.kind == "Gemm":
        if side == 0 or node.integer("transA", 0):
            return None
        return Form("right"), values if node.integer("transB", 0) else values.T
    return (Form("left"), values) if side == 0 else (Form("right"), values.T)


def _geometry(node: SourceNode, shape: tuple[int, ...]) -> tuple[Any, ...]:
    places = len(shape) - 2
    ones = (1,) * places
    padding = node.text("auto_pad", "NOTSET")
    return (
        "NOTSET" if padding == "VALID" else padding,
        node.integers("pads", (0,) * 2 * places),
        node.integers("strides", ones),
        node.integers("dilations", ones),
        shape[2:],
    )
