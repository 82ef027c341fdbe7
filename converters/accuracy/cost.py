"""What a model costs, counted on its graph: bytes, and multiplications by type."""

from dataclasses import dataclass

from edgekit.converters.graph import DataType, Graph, peak_activation_bytes
from edgekit.converters.graph.macs import operator_macs

__all__ = ["Cost", "cost_of"]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a model costs, counted and not measured.

    Attributes:
        model_bytes: Size of the file.
        activation_bytes: The least memory of activations.
        int8_macs: Multiply-accumulates that write int8, in one inference.
        int16_macs: Those that write int16.
        float_macs: Those that write float32.
    """

    model_bytes: int
    activation_bytes: int
    int8_macs: int
    int16_macs: int
    float_macs: int


def cost_of(graph: Graph) -> Cost:
    """Count a model that was read from a file."""
    macs = dict.fromkeys((DataType.INT8, DataType.INT16, DataType.FLOAT32), 0)
    for operator in graph.main.operators:
        written = next(graph.main.outputs_of(operator), None)
        if written is not None and written.dtype in macs:
            macs[written.dtype] += operator_macs(operator, graph.main)
    return Cost(
        model_bytes=graph.size_bytes,
        activation_bytes=peak_activation_bytes(graph.main),
        int8_macs=macs[DataType.INT8],
        int16_macs=macs[DataType.INT16],
        float_macs=macs[DataType.FLOAT32],
    )
