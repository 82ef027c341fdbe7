"""Make an ONNX model canonical: real inputs only, every dimension fixed, checked."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from edgekit.converters.sources.base import (
    Reference,
    SourceError,
    SourceModel,
    SourceTensor,
    first_line,
    probe_sample,
)
from edgekit.converters.sources.box_selection import pad_box_selections
from edgekit.converters.sources.definitions import add_definitions
from edgekit.converters.sources.onnx_reference import OnnxReference
from edgekit.converters.sources.opset import declare_settled_opset
from edgekit.converters.sources.rewrites import flatten_old_softmax, split_sums
from edgekit.converters.sources.shapes import InputShapes, fix_shape, refuse_unknown_inputs
from edgekit.converters.sources.trained import TakenGrids, check_grids, take_grids

__all__ = ["canonicalise"]


def canonicalise(
    model: Any,
    *,
    kind: str,
    name: str,
    input_shapes: InputShapes,
    reference: Reference | None = None,
    notices: tuple[str, ...] = (),
) -> SourceModel:
    """Turn an ``onnx.ModelProto`` into a :class:`SourceModel`.

    Args:
        model: The model; it is changed in place.
        kind: What the user gave.
        name: What to call it.
        input_shapes: Shapes that the user fixed, by input name.
        reference: Runs the source; onnxruntime on the canonical model when None, or when
            box selections were padded.
        notices: Decisions already taken.

    Raises:
        SourceError: Invalid model, dynamic dimension other than the batch, unsupported type,
            operator that nobody defines.
        UnknownNameError: ``input_shapes`` names no input.
    """
    _drop_constant_inputs(model)
    real = list(model.graph.input)
    if not real:
        raise SourceError(f"{name} has no inputs", hint="a model without inputs computes nothing")
    refuse_unknown_inputs([value.name for value in real], input_shapes)
    fixed = [note for value in real if (note := _fix_shape(value, input_shapes.get(value.name)))]
    inputs = tuple(_tensor(value) for value in real)
    if fixed or input_shapes:
        _forget_inferred_shapes(model.graph)
    _forget_remarks(model)
    declare_settled_opset(model)
    add_definitions(model)
    if padded := pad_box_selections(model, inputs):
        _forget_inferred_shapes(model.graph)
        reference = None  # that of another framework gives as many rows as it selects
    # The reference runs the model as it was given but for padding; what is rewritten after this
    # has to match it.
    given = _checked(model, name)
    is_quantized = check_grids(model.graph)
    onnx_reference = OnnxReference(given)
    outputs = _outputs(model.graph, onnx_reference.run(probe_sample(inputs)))
    taken = take_grids(model) if is_quantized else TakenGrids()
    split_sums(model.graph)
    flatten_old_softmax(model)
    content = model.SerializeToString(deterministic=True)
    return SourceModel(
        kind=kind,
        name=name,
        content=content,
        inputs=inputs,
        outputs=outputs,
        reference=reference or onnx_reference,
        notices=(*notices, *fixed, *padded, *taken.notices),
        findings=taken.findings,
        trained=taken.trained,
        float_reference=OnnxReference(content) if is_quantized else None,
    )


def _drop_constant_inputs(model: Any) -> None:
    """Take initializers off the list of inputs, where ONNX before IR version 4 had them all."""
    initializers = {tensor.name for tensor in model.graph.initializer}
    real = [value for value in model.graph.input if value.name not in initializers]
    del model.graph.input[:]
    model.graph.input.extend(real)
    model.ir_version = max(model.ir_version, 4)


def _checked(model: Any, name: str) -> bytes:
    """Return the serialized model after checking it."""
    import onnx
    from google.protobuf.message import EncodeError

    try:
        onnx.checker.check_model(model)
        content: bytes = model.SerializeToString()
    except onnx.checker.ValidationError as error:
        raise SourceError(f"{name} is not a valid ONNX model: {first_line(error)}") from error
    except (EncodeError, ValueError) as error:
        raise SourceError(
            f"{name} is larger than 2 GB, the limit of one ONNX file: {first_line(error)}",
            hint="models of this size do not fit the devices edgekit builds for",
        ) from error
    return content


def _outputs(graph: Any, results: Mapping[str, Any]) -> tuple[SourceTensor, ...]:
    """Describe the outputs by what they gave, and fix their shapes in the graph to it."""
    described = []
    for value in graph.output:
        result = results[value.name]
        if not isinstance(result, np.ndarray):
            raise SourceError(
                f"output '{value.name}' is a {type(result).__name__}, not a tensor",
                hint="take it out of the model's outputs",
            )
        described.append(SourceTensor(value.name, result.dtype.name, result.shape))
        _set_shape(value, result.shape)
    return tuple(described)


def _set_shape(value: Any, shape: tuple[int, ...]) -> None:
    declared = value.type.tensor_type.shape
    declared.ClearField("dim")
    declared.dim.extend([declared.Dimension(dim_value=size) for size in shape])


def _fix_shape(value: Any, wanted: tuple[int, ...] | None) -> str | None:
    """Fix a graph input's shape in place; return a notice when that was our decision."""
    if value.type.HasField("tensor_type") and not value.type.tensor_type.HasField("shape"):
        if wanted is None:
            raise SourceError(
                f"input '{value.name}' has no shape, not even a number of dimensions",
                hint=f"give it one, for example --input-shape {value.name}:1,3,224,224",
            )
        _set_shape(value, wanted)
    dims = value.type.tensor_type.shape.dim
    declared = [dim.dim_value if dim.dim_value > 0 else dim.dim_param or "?" for dim in dims]
    shape, notice = fix_shape(value.name, declared, wanted)
    _set_shape(value, shape)
    return notice


def _forget_inferred_shapes(graph: Any) -> None:
    """Drop sizes that were inferred for other input shapes."""
    del graph.value_info[:]
    for output in graph.output:
        for dim in output.type.tensor_type.shape.dim:
            dim.Clear()


def _forget_remarks(model: Any) -> None:
    """Drop what exporters write about themselves and about the lines of the user's program.

    It computes nothing, and with it the same model would not be the same bytes.
    """
    graph = model.graph
    values = (*graph.input, *graph.output, *graph.value_info)
    for item in (model, graph, *graph.node, *values, *graph.initializer):
        item.ClearField("metadata_props")
        item.ClearField("doc_string")


def _tensor(value: Any) -> SourceTensor:
    import onnx

    element = value.type.tensor_type.elem_type
    supported = {
        onnx.TensorProto.FLOAT: "float32",
        onnx.TensorProto.INT32: "int32",
        onnx.TensorProto.INT64: "int64",
        onnx.TensorProto.BOOL: "bool",
    }
    if element not in supported:
        names = {number: name.lower() for name, number in onnx.TensorProto.DataType.items()}
        given = names.get(element, f"number {element}") if element else "no tensor"
        raise SourceError(
            f"input '{value.name}' has type {given}",
            hint=f"supported input types: {', '.join(supported.values())}",
        )
    shape = tuple(dim.dim_value for dim in value.type.tensor_type.shape.dim)
    return SourceTensor(value.name, supported[element], shape)
