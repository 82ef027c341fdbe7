"""The typed graph: tensors, operators and subgraphs in TFLite's vocabulary."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from edgekit.converters.graph.data_type import DataType

__all__ = ["Graph", "Operator", "Quantization", "Signature", "Subgraph", "Tensor"]


@dataclass(frozen=True, slots=True)
class Quantization:
    """Affine quantization: ``real = scale * (integer - zero_point)``.

    Attributes:
        scales: One, or one for each index along ``axis``.
        zero_points: As many as ``scales``.
        axis: The quantized dimension when there are several scales.
    """

    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    axis: int

    @property
    def is_per_channel(self) -> bool:
        """Whether there is a scale for each index along ``axis``."""
        return len(self.scales) > 1


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of a subgraph.

    Attributes:
        index: Its position in the subgraph's list.
        name: Its name in the file.
        shape: Its shape; empty for a scalar.
        dtype: Its element type.
        quantization: None where it has no scale.
        data: Its constant values, little endian; None for what is computed.
        is_variable: Whether it keeps its value between invocations.
    """

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: DataType
    quantization: Quantization | None
    data: bytes | None = field(default=None, repr=False)
    is_variable: bool = False

    @property
    def is_constant(self) -> bool:
        """Whether its values are in the file."""
        return self.data is not None

    @property
    def data_bytes(self) -> int:
        """Size of its constant data in the file, 0 for what is computed."""
        return len(self.data or b"")

    @property
    def size_bytes(self) -> int:
        """Bytes of its values in memory."""
        return math.ceil(math.prod(self.shape) * self.dtype.bits / 8)


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator.

    Attributes:
        index: Its position in the order of execution.
        kind: TFLite's name (``CONV_2D``), or the custom code for a custom operator.
        version: Version that the file asks for.
        inputs: Tensor indices, -1 for an absent optional input.
        outputs: Tensor indices.
        is_custom: Whether it needs a kernel that is not built in.
        options: By their names in the schema (``stride_w``); integers stand for enumerations.
        options_type: The schema's name of the options (``Conv2DOptions``), empty without.
        custom_options: What a custom operator's kernel gets, None for built-in ones.
    """

    index: int
    kind: str
    version: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    is_custom: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    options_type: str = ""
    custom_options: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Subgraph:
    """Operators in the order of execution, over one list of tensors."""

    name: str
    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    def inputs_of(self, operator: Operator) -> Iterator[Tensor]:
        """Yield the tensors that an operator reads."""
        return (self.tensors[index] for index in operator.inputs if index >= 0)

    def outputs_of(self, operator: Operator) -> Iterator[Tensor]:
        """Yield the tensors that an operator writes."""
        return (self.tensors[index] for index in operator.outputs)


@dataclass(frozen=True, slots=True)
class Signature:
    """Names under which a subgraph can be called.

    Attributes:
        key: Its own name.
        subgraph: Index of the subgraph.
        inputs: Name -> tensor index.
        outputs: Name -> tensor index.
    """

    key: str
    subgraph: int
    inputs: Mapping[str, int]
    outputs: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Graph:
    """A TFLite model.

    Attributes:
        subgraphs: The first is the main one.
        size_bytes: Size of the file it was read from, 0 where it was made.
        signatures: Names under which subgraphs can be called.
        metadata: Entries by name, for example ``TFLITE_METADATA``.
        description: Free text.
    """

    subgraphs: tuple[Subgraph, ...]
    size_bytes: int = field(default=0, compare=False)
    signatures: tuple[Signature, ...] = ()
    metadata: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    description: str = ""

    @property
    def main(self) -> Subgraph:
        """The subgraph that runs when the model is invoked."""
        return self.subgraphs[0]
