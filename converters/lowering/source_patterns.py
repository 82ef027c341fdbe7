"""Several nodes of the source that together are one operator, recognised before lowering."""

import math
from collections.abc import Collection
from dataclasses import replace

import numpy as np

from edgekit.converters.lowering.source_graph import SourceGraph, SourceNode, body_reads

__all__ = ["recognise_patterns"]

_TOLERANCE = 1e-4  # exporters write 1.4142 as well as sqrt(2)


def recognise_patterns(graph: SourceGraph, pinned: Collection[str] = ()) -> SourceGraph:
    """Put Gelu and GroupNormalization where exporters have written them out.

    Ensures the same values up to rounding. What nobody reads any more is removed.

    Args:
        graph: As the model has it.
        pinned: Tensors that have to stay.
    """
    graph = _recognise_gelu(graph, pinned)
    graph = _recognise_group_normalization(graph, pinned)
    needed = set(graph.outputs)
    kept = []
    for node in reversed(graph.nodes):
        if needed.intersection(node.outputs):
            needed.update(node.inputs, body_reads(node))
            kept.append(node)
    return replace(graph, nodes=tuple(kept[::-1]))


class _Matcher:
    """Who makes and who reads the tensors of a source."""

    def __init__(self, graph: SourceGraph, pinned: Collection[str]) -> None:
        self.graph = graph
        self._pinned = pinned
        self._makers = {
            name: node
            for node in graph.nodes
            for name in node.outputs
            if name and name not in pinned
        }
        self._readers: dict[str, list[SourceNode]] = {}
        for node in graph.nodes:
            for name in (*node.inputs, *body_reads(node)):
                self._readers.setdefault(name, []).append(node)

    def maker(self, name: str, *kinds: str) -> SourceNode | None:
        """Return the node that makes a tensor if it is of one of these kinds."""
        node = self._makers.get(name)
        return node if node is not None and node.kind in kinds and not node.domain else None

    def only_reader(self, name: str, *kinds: str) -> SourceNode | None:
        """Return the node that alone reads a tensor, and reads it once, if it is of these kinds."""
        readers = self._readers.get(name, [])
        if len(readers) != 1 or name in self.graph.outputs or readers[0].domain:
            return None
        if name in self._pinned:
            return None
        return readers[0] if readers[0].kind in kinds else None

    def number(self, name: str) -> float | None:
        """Return the one number that a constant holds."""
        values = self.graph.constants.get(name)
        return float(values.reshape(())) if values is not None and values.size == 1 else None

    def with_number(self, node: SourceNode | None) -> tuple[str, float] | None:
        """Return the tensor and the number that a node of two inputs takes."""
        if node is None or len(node.inputs) != 2:
            return None
        for name, other in (node.inputs, node.inputs[::-1]):
            number = self.number(other)
            if number is not None and (node.kind != "Div" or other == node.inputs[1]):
                return name, number
        return None

    def scaled(self, name: str) -> tuple[str, float]:
        """Return what a tensor is a multiple of, and the factor."""
        node = self.maker(name, "Mul", "Div")
        found = self.with_number(node)
        if node is None or found is None or found[1] == 0.0:
            return name, 1.0
        return found[0], 1.0 / found[1] if node.kind == "Div" else found[1]


def _recognise_gelu(graph: SourceGraph, pinned: Collection[str]) -> SourceGraph:
    """Find ``x / 2 * (1 + erf(x / sqrt 2))`` and ``x / 2 * (1 + tanh(...))``."""
    matcher = _Matcher(graph, pinned)
    found: dict[SourceNode, SourceNode] = {}
    for node in graph.nodes:
        x = _erf_operand(matcher, node) or _tanh_operand(matcher, node)
        last = _half_product(matcher, node, x) if x else None
        if x and last is not None:
            mode = {"approximate": "none" if node.kind == "Erf" else "tanh"}
            found[last] = replace(last, kind="Gelu", inputs=(x,), attributes=mode)
    return replace(graph, nodes=tuple(found.get(node, node) for node in graph.nodes))


def _erf_operand(matcher: _Matcher, node: SourceNode) -> str | None:
    if node.kind != "Erf":
        return None
    x, factor = matcher.scaled(node.inputs[0])
    return x if math.isclose(factor, math.sqrt(0.5), rel_tol=_TOLERANCE) else None


def _tanh_operand(matcher: _Matcher, node: SourceNode) -> str | None:
    """Return x of ``tanh(sqrt(2 / pi) * (x + 0.044715 * x ** 3))``."""
    if node.kind != "Tanh":
        return None
    inner, factor = matcher.scaled(node.inputs[0])
    total = matcher.maker(inner, "Add")
    if total is None or not math.isclose(factor, math.sqrt(2 / math.pi), rel_tol=_TOLERANCE):
        return None
    for x, other in (total.inputs, total.inputs[::-1]):
        cube, weight = matcher.scaled(other)
        if math.isclose(weight, 0.044715, rel_tol=_TOLERANCE) and _is_cube(matcher, cube, x):
            return x
    return None


def _is_cube(matcher: _Matcher, name: str, x: str) -> bool:
    power = matcher.maker(name, "Pow")
    if power is not None:
        return power.inputs[0] == x and matcher.number(power.inputs[1]) == 3.0
    product = matcher.maker(name, "Mul")
    if product is None or x not in product.inputs:
        return False
    first, second = product.inputs
    square = matcher.maker(second if first == x else first, "Mul", "Pow")
    if square is None or square.inputs[0] != x:
        return False
    return square.inputs[1] == x if square.kind == "Mul" else matcher.number(square.inputs[1]) == 2


def _half_product(matcher: _Matcher, node: SourceNode, x: str) -> SourceNode | None:
    """Return the node that completes ``x / 2 * (1 + node)``, whatever the order of factors."""
    total = matcher.only_reader(node.outputs[0], "Add")
    term = matcher.with_number(total)
    if total is None or term is None or term[1] != 1.0:
        return None
    current, scale, has_x = total.outputs[0], 1.0, False
    while (reader := matcher.only_reader(current, "Mul", "Div")) is not None:
        factor = matcher.with_number(reader)
        if factor is not None:
            scale *= 1.0 / factor[1] if reader.kind == "Div" else factor[1]
        elif has_x or reader.kind == "Div":
            return None
        else:
            other = reader.inputs[1] if reader.inputs[0] == current else reader.inputs[0]
            base, multiple = (other, 1.0) if other == x else matcher.scaled(other)
            if base != x:
                return None
            scale, has_x = scale * multiple, True
        current = reader.outputs[0]
        if has_x and math.isclose(scale, 0.5, rel_tol=_TOLERANCE):
            return reader
    return None


def _recognise_group_normalization(graph: SourceGraph, pinned: Collection[str]) -> SourceGraph:
    """Find InstanceNormalization between a reshape to groups and the reshape back."""
    matcher = _Matcher(graph, pinned)
    constants = dict(graph.constants)
    found: dict[SourceNode, SourceNode] = {}
    for node in graph.nodes:
        groups = matcher.maker(node.inputs[0], "Reshape") if _is_instance_norm(node) else None
        back = matcher.only_reader(node.outputs[0], "Reshape") if groups is not None else None
        if groups is None or back is None:
            continue
        shape, split = graph.shapes[groups.inputs[0]], graph.shapes[groups.outputs[0]]
        vectors = [constants.get(name) for name in node.inputs[1:3]]
        if graph.shapes[back.outputs[0]] != shape or split[:1] != shape[:1] or len(split) != 3:
            continue
        if len(shape) < 3 or shape[1] % split[1] or any(item is None for item in vectors):
            continue
        names = [f"{node.name}/{part}" for part in ("scale", "bias")]
        for name, values in zip(names, vectors, strict=True):
            constants[name] = np.repeat(np.asarray(values), shape[1] // split[1])
        found[back] = replace(
            node,
            kind="GroupNormalization",
            opset=max(node.opset, 21),
            inputs=(groups.inputs[0], *names),
            outputs=back.outputs,
            attributes={**node.attributes, "num_groups": split[1]},
        )
    shapes = {**graph.shapes, **{name: values.shape for name, values in constants.items()}}
    dtypes = {**graph.dtypes, **{name: values.dtype for name, values in constants.items()}}
    nodes = tuple(found.get(node, node) for node in graph.nodes)
    return replace(graph, nodes=nodes, constants=constants, shapes=shapes, dtypes=dtypes)


def _is_instance_norm(node: SourceNode) -> bool:
    return node.kind == "InstanceNormalization" and not node.domain
