"""Rung: for every tensor the calibration method that costs the model's outputs least."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from edgekit.converters.accuracy.bench import Bench, noise_of
from edgekit.converters.accuracy.rung import Step
from edgekit.converters.graph import DataType, Graph, Quantization, read_graph, write_graph
from edgekit.converters.graph.builder import GraphBuilder, Node, Value
from edgekit.converters.quantize.observe import Observations
from edgekit.converters.quantize.parameters import ACTIVATIONS, ActivationType
from edgekit.converters.quantize.recipe import Recipe
from edgekit.converters.request import CalibrationMethod

__all__ = ["CalibrationChoice"]

Grids = dict[CalibrationMethod, Quantization]


@dataclass(frozen=True, slots=True)
class CalibrationChoice:
    """Chooses min-max, percentile, MSE or entropy for each tensor by itself.

    A tensor's own rounding error would always choose MSE, which minimises it, but says nothing
    of what the error does later: a softmax forgives clipping of the lowest scores, a regression
    does not forgive clipping of peaks. So each candidate grid is put into the float model at
    that tensor alone, and the one with the least noise at the model's outputs is taken. Small
    independent errors add up, so the tensors can be looked at one by one. On a tie the
    request's method stays.

    Attributes:
        samples: How many calibration samples choose; all of them make the ranges.
    """

    samples: int = 64
    name: str = "calibration"

    def apply(self, recipe: Recipe, bench: Bench) -> Step:
        """Choose for every tensor whose range makes its grid."""
        activations = ACTIVATIONS[recipe.request.scheme]
        seen = bench.observe_by(recipe.graph, recipe.request, tuple(CalibrationMethod))
        tensors = {name: _grids(name, seen, activations) for name in _ranged(recipe, activations)}
        tensors = {name: grids for name, grids in tensors.items() if len(set(grids.values())) > 1}
        samples = bench.first(self.samples)
        expected = bench.float_outputs(recipe.graph, samples)
        methods = dict(recipe.methods)
        for index, (name, grids) in enumerate(tensors.items()):
            plain = methods.get(name, recipe.request.calibration_method)
            noise = {}
            for grid in set(grids.values()):
                rounded = _with_grid(recipe.graph, name, grid, activations.dtype)
                runner = bench.open(write_graph(rounded))
                noise[grid] = noise_of(expected, map(runner.run, samples))
            chosen = _least(noise, grids, plain)
            if chosen is not plain:
                methods[name] = chosen
            bench.advance(index + 1, len(tensors))
        changed = [name for name in methods if methods[name] != recipe.methods.get(name)]
        if not changed:
            return Step(recipe, (), "no tensor loses less by another method")
        layers = tuple(dict.fromkeys(recipe.origins.get(name, name) for name in changed))
        counts = {method: list(methods.values()).count(method) for method in CalibrationMethod}
        remark = ", ".join(f"{count} by {method}" for method, count in counts.items() if count)
        chosen_ranges = {name: seen[methods[name]].ranges[name] for name in changed}
        ranges = {**recipe.seen.ranges, **chosen_ranges}
        chosen_seen = replace(recipe.seen, ranges=ranges)
        return Step(replace(recipe, seen=chosen_seen, methods=methods), layers, remark)


def _ranged(recipe: Recipe, activations: ActivationType) -> list[str]:
    """Return the tensors whose grid in the integer model is the one of their own range."""
    found = []
    for tensor in read_graph(recipe.make()).main.tensors:
        seen = recipe.seen.ranges.get(tensor.name)
        if seen is None or tensor.dtype is not activations.dtype or tensor.is_constant:
            continue
        if activations.parameters(seen.low, seen.high) == tensor.quantization:
            found.append(tensor.name)
    return found


def _grids(
    name: str,
    seen: Mapping[CalibrationMethod, Observations],
    activations: ActivationType,
) -> Grids:
    ranges = {method: item.ranges[name] for method, item in seen.items()}
    return {method: activations.parameters(r.low, r.high) for method, r in ranges.items()}


def _least(
    noise: Mapping[Quantization, float], grids: Grids, plain: CalibrationMethod
) -> CalibrationMethod:
    """Return the method with the least noise, the present one on a tie."""
    order = [plain, *(method for method in grids if method is not plain)]
    return min(order, key=lambda method: noise[grids[method]])


def _with_grid(graph: Graph, name: str, grid: Quantization, dtype: DataType) -> Graph:
    """Return the float graph with one computed tensor rounded to a grid."""
    builder = GraphBuilder.of(graph)
    value = next(item for item in builder.producers() if item.name == name)
    exact = Value(f"{name}/exact", value.shape, value.dtype)
    rounded = Value(f"{name}/rounded", value.shape, dtype, None, grid)
    nodes: list[Node] = []
    rounding = [Node("QUANTIZE", [exact], [rounded]), Node("DEQUANTIZE", [rounded], [value])]
    for node in builder.nodes:
        nodes.append(node)
        if value in node.outputs:
            node.outputs = [exact if item is value else item for item in node.outputs]
            nodes += rounding
    builder.nodes = nodes
    return builder.finish(graph.main.name)
