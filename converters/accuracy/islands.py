"""Rung: the layers that lose most stay in float, where that was allowed."""

from dataclasses import dataclass, replace

from edgekit.converters.accuracy.bench import Bench
from edgekit.converters.accuracy.rung import Step
from edgekit.converters.graph import write_graph
from edgekit.converters.quantize.mixing import MOST, SAMPLES, worst_nodes
from edgekit.converters.quantize.recipe import Recipe

__all__ = ["FloatIslands"]


@dataclass(frozen=True, slots=True)
class FloatIslands:
    """Leaves layers in float, chosen as those with int16 are: by measuring whole models.

    A float island costs speed and memory, and a device without float kernels refuses it by its
    contract. So nothing is done unless the request allows islands.

    Attributes:
        most: The share of all source nodes that may be chosen.
    """

    most: float = MOST
    name: str = "float islands"

    def apply(self, recipe: Recipe, bench: Bench) -> Step:
        """Measure which layers gain by float, and leave them in it."""
        if not recipe.request.float_islands:
            return Step(recipe, (), "not allowed: pass --allow-float-islands")

        def with_islands(chosen: frozenset[str]) -> Recipe:
            islands = recipe.choices.islands | chosen
            return replace(recipe, choices=replace(recipe.choices, islands=islands))

        chosen = worst_nodes(
            write_graph(recipe.graph),
            recipe.graph.main,
            bench.interfaces,
            recipe.origins,
            recipe.seen,
            bench.first(SAMPLES),
            lambda nodes: with_islands(nodes).make(),
            self.most,
        )
        if not chosen:
            return Step(recipe, (), "no layer gains by float")
        return Step(with_islands(chosen), tuple(sorted(chosen)), f"{len(chosen)} layers in float")
