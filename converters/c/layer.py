"""An operator as its planner sees it."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.c.errors import UnsupportedLayerError
from edgekit.converters.c.fixed_point import activation_range
from edgekit.converters.c.library import Isa
from edgekit.converters.graph import DataType, Operator, Subgraph, Tensor
from edgekit.converters.graph.four_bits import unpack_int4

__all__ = ["Layer"]


@dataclass(frozen=True, slots=True)
class Layer:
    """An operator in its graph.

    Attributes:
        operator: The operator.
        subgraph: The graph it stands in.
        isa: What its kernel shall be written for.
        pad_top: Rows of the border above a stripe of a window's input, None for whole inputs.
    """

    operator: Operator
    subgraph: Subgraph
    isa: Isa
    pad_top: int | None = None

    def input(self, position: int = 0) -> Tensor:
        """Return an input that has to be there."""
        tensor = self.optional_input(position)
        if tensor is None:
            raise UnsupportedLayerError(self.operator, f"it has no input {position}")
        return tensor

    def optional_input(self, position: int) -> Tensor | None:
        """Return an input, None where it is absent."""
        inputs = self.operator.inputs
        if position >= len(inputs) or inputs[position] < 0:
            return None
        return self.subgraph.tensors[inputs[position]]

    def output(self, position: int = 0) -> Tensor:
        """Return an output."""
        return self.subgraph.tensors[self.operator.outputs[position]]

    def at(self, **positions: int) -> "Layer":
        """Return the layer with its input, weights and bias where a convolution has them."""
        found = self.operator.inputs
        ordered = (positions[role] for role in ("input", "weights", "bias"))
        inputs = tuple(found[place] if place < len(found) else -1 for place in ordered)
        return replace(self, operator=replace(self.operator, inputs=inputs))

    def option(self, name: str, default: Any = 0) -> Any:
        """Return an option under the schema's name."""
        return self.operator.options.get(name, default)

    def require(self, holds: bool, why: str) -> None:
        """Refuse the operator unless something holds.

        Raises:
            UnsupportedLayerError: It does not; ``why`` says what was found instead.
        """
        if not holds:
            raise UnsupportedLayerError(self.operator, why)

    def require_types(self, *allowed: DataType) -> None:
        """Refuse the operator unless its first input and output have one of these types."""
        for tensor in (self.input(), self.output()):
            self.require(tensor.dtype in allowed, f"'{tensor.name}' is {tensor.dtype}")

    def constant(self, position: int) -> npt.NDArray[Any]:
        """Return the values of an input that has to be constant; INT4 as int8."""
        tensor = self.input(position)
        self.require(tensor.data is not None, f"'{tensor.name}' is not constant")
        if tensor.dtype is DataType.INT4:
            return unpack_int4(tensor.data or b"", tensor.shape)
        self.require(tensor.dtype.numpy is not None, f"'{tensor.name}' is {tensor.dtype}")
        return np.frombuffer(tensor.data or b"", tensor.dtype.numpy).reshape(tensor.shape)

    def scale(self, tensor: Tensor) -> float:
        """Return a tensor's scale; it has to have one."""
        if tensor.quantization is None or tensor.quantization.is_per_channel:
            raise UnsupportedLayerError(self.operator, f"'{tensor.name}' has no single scale")
        return tensor.quantization.scales[0]

    def zero_point(self, tensor: Tensor) -> int:
        """Return a tensor's zero point, 0 without quantization."""
        return tensor.quantization.zero_points[0] if tensor.quantization else 0

    def c_type(self, tensor: Tensor) -> str:
        """Return the C type of a tensor's elements."""
        found = _C_TYPES.get(tensor.dtype)
        if found is None:
            raise UnsupportedLayerError(self.operator, f"'{tensor.name}' is {tensor.dtype}")
        return found

    def axis(self, axis: int, rank: int) -> int:
        """Return an axis counted from the front."""
        self.require(-rank <= axis < rank, f"axis {axis} of {rank}")
        return axis % rank

    def clamp(self) -> tuple[int, int]:
        """Return the range of the first output under the fused activation."""
        output = self.output()
        activation = self.option("fused_activation_function")
        found = activation_range(
            activation, self.scale(output), self.zero_point(output), output.dtype
        )
        if found is None:
            raise UnsupportedLayerError(self.operator, f"fused activation {activation}")
        return found


_C_TYPES = {
    DataType.INT8: "int8_t",
    DataType.UINT8: "uint8_t",
    DataType.BOOL: "uint8_t",  # 0 or 1
    DataType.INT16: "int16_t",
    DataType.INT32: "int32_t",
    DataType.INT64: "int64_t",
    DataType.FLOAT32: "float",
}
