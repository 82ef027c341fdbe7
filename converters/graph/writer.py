"""Write the typed graph as a `.tflite` file."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from edgekit.converters.graph.data_type import DataType
from edgekit.converters.graph.flatbuffer import pack_model
from edgekit.converters.graph.model import (
    Graph,
    Operator,
    Quantization,
    Signature,
    Subgraph,
    Tensor,
)
from edgekit.converters.graph.options import options_to_schema

__all__ = ["write_graph"]


def write_graph(graph: Graph) -> bytes:
    """Return the bytes of a TFLite model.

    Constants with the same bytes share a buffer. The same graph gives the same bytes.

    Raises:
        MalformedModelError: Options that the schema does not know.
    """
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT()
    model.version = 3
    model.description = graph.description.encode()
    buffers = _Buffers(schema)
    codes = _OperatorCodes(schema)
    model.subgraphs = [_subgraph(schema, item, buffers, codes) for item in graph.subgraphs]
    model.operatorCodes = codes.items
    model.signatureDefs = [_signature(schema, item) for item in graph.signatures]
    model.metadata = [
        _metadata(schema, name, buffers.add(data)) for name, data in graph.metadata.items()
    ]
    model.buffers = buffers.items
    return pack_model(model)


class _Buffers:
    """The file's buffers; the first is empty, for what is computed."""

    def __init__(self, schema: Any) -> None:
        self._schema = schema
        self._known: dict[bytes, int] = {}
        self.items = [schema.BufferT()]

    def add(self, data: bytes | None) -> int:
        if data is None:
            return 0
        if data not in self._known:
            buffer = self._schema.BufferT()
            buffer.data = np.frombuffer(data, np.uint8)
            self._known[data] = len(self.items)
            self.items.append(buffer)
        return self._known[data]


class _OperatorCodes:
    """The operators and versions that the model uses, each once."""

    def __init__(self, schema: Any) -> None:
        self._schema = schema
        self._known: dict[tuple[str, int, bool], int] = {}
        self.items: list[Any] = []

    def add(self, operator: Operator) -> int:
        key = (operator.kind, operator.version, operator.is_custom)
        if key not in self._known:
            code = self._schema.OperatorCodeT()
            kinds = self._schema.BuiltinOperator
            value = kinds.CUSTOM if operator.is_custom else getattr(kinds, operator.kind)
            code.builtinCode = value
            # Old readers look at the one-byte field, which says 127 for what it cannot hold.
            code.deprecatedBuiltinCode = min(value, kinds.PLACEHOLDER_FOR_GREATER_OP_CODES)
            code.customCode = operator.kind.encode() if operator.is_custom else None
            code.version = operator.version
            self._known[key] = len(self.items)
            self.items.append(code)
        return self._known[key]


def _subgraph(schema: Any, subgraph: Subgraph, buffers: _Buffers, codes: _OperatorCodes) -> Any:
    item = schema.SubGraphT()
    item.name = subgraph.name.encode()
    item.tensors = [_tensor(schema, tensor, buffers) for tensor in subgraph.tensors]
    item.operators = [_operator(schema, operator, codes) for operator in subgraph.operators]
    item.inputs, item.outputs = list(subgraph.inputs), list(subgraph.outputs)
    return item


def _tensor(schema: Any, tensor: Tensor, buffers: _Buffers) -> Any:
    item = schema.TensorT()
    item.name = tensor.name.encode()
    item.shape = list(tensor.shape)
    item.hasRank = True
    item.type = getattr(schema.TensorType, DataType(tensor.dtype).value)
    item.buffer = buffers.add(tensor.data)
    item.isVariable = tensor.is_variable
    if tensor.quantization is not None:
        item.quantization = _quantization(schema, tensor.quantization)
    return item


def _quantization(schema: Any, quantization: Quantization) -> Any:
    item = schema.QuantizationParametersT()
    item.scale = list(quantization.scales)
    item.zeroPoint = list(quantization.zero_points)
    item.quantizedDimension = quantization.axis
    return item


def _operator(schema: Any, operator: Operator, codes: _OperatorCodes) -> Any:
    item = schema.OperatorT()
    item.opcodeIndex = codes.add(operator)
    item.inputs, item.outputs = list(operator.inputs), list(operator.outputs)
    if operator.custom_options is not None:
        item.customOptions = np.frombuffer(operator.custom_options, np.uint8)
    options_to_schema(item, operator.options_type, operator.options)
    return item


def _signature(schema: Any, signature: Signature) -> Any:
    item = schema.SignatureDefT()
    item.signatureKey = signature.key.encode()
    item.subgraphIndex = signature.subgraph
    item.inputs = _tensor_maps(schema, signature.inputs)
    item.outputs = _tensor_maps(schema, signature.outputs)
    return item


def _tensor_maps(schema: Any, names: Mapping[str, int]) -> list[Any]:
    items = []
    for name, index in names.items():
        item = schema.TensorMapT()
        item.name, item.tensorIndex = name.encode(), index
        items.append(item)
    return items


def _metadata(schema: Any, name: str, buffer: int) -> Any:
    item = schema.MetadataT()
    item.name, item.buffer = name.encode(), buffer
    return item
