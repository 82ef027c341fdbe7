"""Make an ONNX model canonical: real inputs only, every dimension fixed, checked."""

import math
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
from edgekit.converters.sources.onnx_reference import OnnxReference
from edgekit.converters.sources.opset import declare_settled_opset
from edgekit.converters.sources.rewrites import flatten_old_softmax, split_sums
from edgekit.errors import UnknownNameError

__all__ = ["InputShapes", "canonicalise"]

InputShapes = Mapping[str, tuple[int, ...]]

_MOST_VALUES = 1 << 28  # of one input: 1 GiB of float32, beyond every device


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
        reference: Runs the source; onnxruntime on the canonical model when None.
        notices: Decisions already taken.

    Raises:
        SourceError: Invalid model, dynamic dimension other than the batch, unsupported type.
        UnknownNameError: ``input_shapes`` names no input.
    """
    _drop_constant_inputs(model)
    real = list(model.graph.input)
    if not real:
        raise SourceError(f"{name} has no inputs", hint="a model without inputs computes nothing")
    for given in input_shapes:
        if given not in {value.name for value in real}:
            raise UnknownNameError("input", given, [value.name for value in real])
    fixed = [note for value in real if (note := _fix_shape(value, input_shapes.get(value.name)))]
    inputs = tuple(_tensor(value) for value in real)
    if fixed or input_shapes:
        _forget_inferred_shapes(model.graph)
    _forget_remarks(model)
    declare_settled_opset(model)
    # The reference runs the model as it was given; what is rewritten has to match it.
    onnx_reference = OnnxReference(_checked(model, name))
    outputs = _outputs(model.graph, onnx_reference.run(probe_sample(inputs)))
    split_sums(model.graph)
    flatten_old_softmax(model)
    return SourceModel(
        kind=kind,
        name=name,
        onnx=model.SerializeToString(deterministic=True),
        inputs=inputs,
        outputs=outputs,
        reference=reference or onnx_reference,
        notices=(*notices, *fixed),
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
    if wanted is not None:
        if len(wanted) != len(dims):
            raise SourceError(
                f"--input-shape gives '{value.name}' {len(wanted)} dimensions, the model has "
                f"{len(dims)}",
                hint=f"the model declares {value.name}:{_declared(dims)}",
            )
        if any(dim.dim_value not in (0, size) for dim, size in zip(dims, wanted, strict=True)):
            raise SourceError(
                f"--input-shape gives '{value.name}' {_comma(wanted)}, but the model fixes "
                f"{_declared(dims)}",
                hint="give the sizes that the model fixes as they are",
            )
        _set_shape(value, wanted)
        return None
    dynamic = [axis for axis, dim in enumerate(dims) if dim.dim_value <= 0]
    if not dynamic:
        return None
    if dynamic != [0]:
        example = _comma(1 if axis in dynamic else dim.dim_value for axis, dim in enumerate(dims))
        raise SourceError(
            f"input '{value.name}' has dynamic dimensions: {_declared(dims)}",
            hint=f"fix them, for example --input-shape {value.name}:{example}",
        )
    dims[0].dim_value = 1
    return f"the dynamic batch of input '{value.name}' is fixed to 1"


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
    if math.prod(shape) > _MOST_VALUES:
        raise SourceError(
            f"input '{value.name}' has the shape {_comma(shape)}, more than {_MOST_VALUES} values",
            hint="is the file damaged? else fix a smaller size with --input-shape",
        )
    return SourceTensor(value.name, supported[element], shape)


def _declared(dims: Any) -> str:
    return ",".join(str(dim.dim_value or dim.dim_param or "?") for dim in dims)


def _comma(values: Any) -> str:
    return ",".join(str(value) for value in values)
