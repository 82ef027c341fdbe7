"""Read a `.tflite` file into the typed graph."""

from functools import cache
from typing import Any

from edgekit.converters.graph.data_type import DataType
from edgekit.converters.graph.flatbuffer import MalformedModelError, unpack_model
from edgekit.converters.graph.model import (
    Graph,
    Operator,
    Quantization,
    Signature,
    Subgraph,
    Tensor,
)
from edgekit.converters.graph.options import options_from_schema

__all__ = ["read_graph"]


def read_graph(content: bytes) -> Graph:
    """Return the graph of a TFLite file.

    Raises:
        MalformedModelError: Garbage, truncated, or of a newer schema.
    """
    model = unpack_model(content)
    try:
        return Graph(
            subgraphs=tuple(_subgraph(content, model, item) for item in model.subgraphs),
            size_bytes=len(content),
            signatures=tuple(_signature(item) for item in _listed(model.signatureDefs)),
            metadata={
                _text(item.name): bytes(_listed(model.buffers[item.buffer].data))
                for item in _listed(model.metadata)
            },
            description=_text(model.description),
        )
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise MalformedModelError(f"inconsistent content ({type(error).__name__})") from error


def _subgraph(content: bytes, model: Any, subgraph: Any) -> Subgraph:
    tensors = tuple(
        _tensor(content, model, index, item) for index, item in enumerate(subgraph.tensors)
    )
    operators = tuple(
        _operator(model, index, item, len(tensors))
        for index, item in enumerate(_listed(subgraph.operators))
    )
    return Subgraph(
        name=_text(subgraph.name),
        tensors=tensors,
        operators=operators,
        inputs=_indices(subgraph.inputs, len(tensors)),
        outputs=_indices(subgraph.outputs, len(tensors)),
    )


def _tensor(content: bytes, model: Any, index: int, tensor: Any) -> Tensor:
    shape = tuple(int(size) for size in _listed(tensor.shape))
    if any(size < 0 for size in shape):
        raise MalformedModelError("a tensor has a negative size")
    return Tensor(
        index=index,
        name=_text(tensor.name),
        shape=shape,
        dtype=_data_types()[tensor.type],
        quantization=_quantization(tensor.quantization),
        data=_data(content, model.buffers[tensor.buffer]),
        is_variable=bool(tensor.isVariable),
    )


def _quantization(parameters: Any) -> Quantization | None:
    if parameters is None or parameters.scale is None or not len(parameters.scale):
        return None
    scales = tuple(float(scale) for scale in parameters.scale)
    points = tuple(int(point) for point in _listed(parameters.zeroPoint)) or (0,) * len(scales)
    return Quantization(scales, points, int(parameters.quantizedDimension))


def _operator(model: Any, index: int, operator: Any, tensors: int) -> Operator:
    code = model.operatorCodes[operator.opcodeIndex]
    # The schema's first operator field was one byte; larger codes are in the newer field.
    builtin = max(code.builtinCode, code.deprecatedBuiltinCode)
    kind = _builtins()[builtin]
    options_type, options = options_from_schema(operator)
    custom = operator.customOptions
    return Operator(
        index=index,
        kind=_text(code.customCode) if kind == "CUSTOM" else kind,
        version=code.version,
        inputs=_indices(operator.inputs, tensors, optional=True),
        outputs=_indices(operator.outputs, tensors),
        is_custom=kind == "CUSTOM",
        options=options,
        options_type=options_type,
        custom_options=None if custom is None else bytes(custom),
    )


def _data(content: bytes, buffer: Any) -> bytes | None:
    if buffer.offset > 1:  # a large model keeps its data behind the flatbuffer
        return content[buffer.offset : buffer.offset + buffer.size]
    return bytes(buffer.data) if buffer.data is not None and len(buffer.data) else None


def _signature(item: Any) -> Signature:
    return Signature(
        key=_text(item.signatureKey),
        subgraph=item.subgraphIndex,
        inputs={_text(entry.name): entry.tensorIndex for entry in _listed(item.inputs)},
        outputs={_text(entry.name): entry.tensorIndex for entry in _listed(item.outputs)},
    )


def _indices(values: Any, tensors: int, *, optional: bool = False) -> tuple[int, ...]:
    found = tuple(int(value) for value in _listed(values))
    if any(value >= tensors or value < (-1 if optional else 0) for value in found):
        raise MalformedModelError("an operator names a tensor that does not exist")
    return found


def _listed(values: Any) -> Any:
    return () if values is None else values


def _text(value: bytes | str | None) -> str:
    return value.decode() if isinstance(value, bytes) else value or ""


@cache
def _builtins() -> dict[int, str]:
    from ai_edge_litert import schema_py_generated as schema

    return _names(schema.BuiltinOperator)


@cache
def _data_types() -> dict[int, DataType]:
    from ai_edge_litert import schema_py_generated as schema

    # A newer schema may know types that we do not; only tensors that have one are refused.
    known = _names(schema.TensorType).items()
    return {value: DataType(name) for value, name in known if name in DataType.__members__}


def _names(enumeration: Any) -> dict[int, str]:
    return {value: name for name, value in vars(enumeration).items() if isinstance(value, int)}
