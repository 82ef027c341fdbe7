"""A conversion as judges of findings look at it: the source, the float and the final model."""

from collections.abc import Mapping
from dataclasses import dataclass

from edgekit.converters.engines.base import LoweredModel
from edgekit.converters.graph import Graph, Tensor
from edgekit.converters.graph.builder import without_number
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.interface import SourceLink
from edgekit.converters.sources.base import SourceModel
from edgekit.device_profiles import DeviceProfile

__all__ = ["Outcome"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a conversion made.

    Attributes:
        source: What was converted.
        lowered: The float model.
        final: The model that was asked for.
        devices: For which it was made.
    """

    source: SourceModel
    lowered: LoweredModel
    final: Graph
    devices: tuple[DeviceProfile, ...]

    def constants_from(self, name: str) -> tuple[Tensor, ...]:
        """Return the constants of the final model that are made from a tensor of the source.

        One that is stored in a smaller type, and restored by a DEQUANTIZE, is among them.
        """
        main = self.final.main
        restored = {
            operator.inputs[0]: main.tensors[operator.outputs[0]]
            for operator in main.operators
            if operator.kind == "DEQUANTIZE"
        }
        return tuple(
            tensor
            for tensor in main.tensors
            if tensor.is_constant and self._stands_for(restored.get(tensor.index, tensor), name)
        )

    def computed_for(self, name: str) -> tuple[Tensor, ...]:
        """Return what the final model computes for a tensor of the source, in any type.

        An input or output that is converted has its integers beside it.
        """
        main = self.final.main
        found = {
            tensor.index
            for tensor in main.tensors
            if not tensor.is_constant and self._stands_for(tensor, name)
        }
        for operator in main.operators:
            if operator.kind not in ("DEQUANTIZE", "QUANTIZE"):
                continue
            before, after = operator.inputs[0], operator.outputs[0]
            if before in found and before in main.inputs and _is_outer(main.tensors[before]):
                found.add(after)
            if after in found and after in main.outputs and _is_outer(main.tensors[after]):
                found.add(before)
        return tuple(tensor for tensor in main.tensors if tensor.index in found)

    def _stands_for(self, tensor: Tensor, name: str) -> bool:
        links: Mapping[str, SourceLink] = self.lowered.links
        link = links.get(tensor.name) or links.get(without_number(tensor.name))
        return link is not None and link.name == name


def _is_outer(tensor: Tensor) -> bool:
    """Whether a tensor has a type that only the interface has."""
    return tensor.dtype in (DataType.FLOAT32, DataType.UINT8)
