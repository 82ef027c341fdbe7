"""Rung: int16 activations for the layers that lose most in int8."""

from dataclasses import dataclass, replace

from edgekit.bundle.manifest import Scheme
from edgekit.converters.accuracy.bench import Bench
from edgekit.converters.accuracy.rung import Step
from edgekit.converters.graph import write_graph
from edgekit.converters.quantize.mixing import MOST, SAMPLES, worst_nodes
from edgekit.converters.quantize.recipe import Recipe

__all__ = ["Int16Activations"]


@dataclass(frozen=True, slots=True)
class Int16Activations:
    """Makes the model one of the scheme mixed, as `quantize.mixing` chooses its layers.

    Attributes:
        most: The share of all source nodes that may be chosen.
    """

    most: float = MOST
    name: str = "int16"

    def apply(self, recipe: Recipe, bench: Bench) -> Step:
        """Measure which layers gain by int16, and give it to them."""
        if recipe.request.scheme is Scheme.INT16X8:
            return Step(recipe, (), "all activations are int16")
        mixed = replace(recipe, request=replace(recipe.request, scheme=Scheme.MIXED))
        wide = worst_nodes(
            write_graph(recipe.graph),
            recipe.graph.main,
            bench.interfaces,
            recipe.origins,
            recipe.seen,
            bench.first(SAMPLES),
            lambda chosen: replace(mixed, wide=recipe.wide | chosen).make(),
            self.most,
        )
        wide |= recipe.wide
        if wide == recipe.wide:
            return Step(recipe, (), "no further layer gains by int16")
        return Step(replace(mixed, wide=wide), tuple(sorted(wide)), f"{len(wide)} layers in int16")
