"""All that decides an integer model, as one value: change a part of it and make the model again."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from edgekit.converters.graph import Graph, keep_description, write_graph
from edgekit.converters.quantize.choices import Choices
from edgekit.converters.quantize.observe import Observations
from edgekit.converters.quantize.quantize import quantize_graph
from edgekit.converters.request import CalibrationMethod, QuantizationRequest

__all__ = ["Recipe"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides an integer model.

    Attributes:
        graph: The float graph.
        seen: What calibration samples showed of it.
        request: What is asked for; its scheme is int8, int16x8 or mixed.
        origins: Tensor name -> source node.
        wide: Source nodes with int16 activations, under mixed.
        methods: Tensor name -> how its range was chosen, where not as the request says.
        choices: Integers of weights, and nodes that stay in float.
    """

    graph: Graph = field(repr=False)
    seen: Observations = field(repr=False)
    request: QuantizationRequest
    origins: Mapping[str, str] = field(repr=False)
    wide: frozenset[str] = frozenset()
    methods: Mapping[str, CalibrationMethod] = field(default_factory=dict)
    choices: Choices = field(default_factory=Choices, repr=False)

    def make(self) -> bytes:
        """Return the integer model."""
        integer = quantize_graph(
            self.graph, self.seen, self.request, self.origins, self.wide, self.choices
        )
        return write_graph(keep_description(self.graph, integer))
