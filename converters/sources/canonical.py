"""Make an ONNX model canonical: real inputs only, every dimension fixed, checked."""

from collections.abc import Mapping
from typing import Any

from edgekit.converters.sources.base import (
    Reference,
    SourceError,
    SourceModel,
    SourceTensor,
    probe_sample,
)
from edgekit.converters.sources.onnx_reference import OnnxReference
from edgekit.converters.sources.rewrites import flatten_old_softmax, split_sums
from edgekit.errors import UnknownNameError

__all__ = ["InputShapes", "canonicalise"]

InputShapes = Mapping[str, tuple[int, ...]]


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
    import onnx

    initializers = {tensor.name for tensor in model.graph.initializer}
    real = [value for value in model.graph.input if value.name not in initializers]
    del model.graph.input[:]
    model.graph.input.extend(real)
    if not real:
        raise SourceError(f"{name} has no inputs", hint="a model without inputs computes nothing")
    for given in input_shapes:
        if given not in {value.name for value in real}:
            raise UnknownNameError("input", given, [value.name for value in real])
    fixed = [note for value in real if (note := _fix_shape(value, input_shapes.get(value.name)))]
    if fixed or input_shapes:
        _forget_inferred_shapes(model.graph)
    try:
        onnx.checker.check_model(model)
    except onnx.checker.ValidationError as error:
        raise SourceError(f"{name} is not a valid ONNX model: {_first_line(error)}") from error
    split_sums(model.graph)
    flatten_old_softmax(model)
    try:
        content = model.SerializeToString(deterministic=True)
    except ValueError as error:
        raise SourceError(
            f"{name} is larger than 2 GB, the limit of one ONNX file: {_first_line(error)}",
            hint="models of this size do not fit the devices edgekit builds for",
        ) from error
    inputs = tuple(_tensor(value) for value in real)
    onnx_reference = OnnxReference(content)
    results = onnx_reference.run(probe_sample(inputs))
    outputs = tuple(
        SourceTensor(value.name, results[value.name].dtype.name, results[value.name].shape)
        for value in model.graph.output
    )
    return SourceModel(
        kind=kind,
        name=name,
        onnx=content,
        inputs=inputs,
        outputs=outputs,
        reference=reference or onnx_reference,
        notices=(*notices, *fixed),
    )


def _fix_shape(value: Any, wanted: tuple[int, ...] | None) -> str | None:
    """Fix a graph input's shape in place; return a notice when that was our decision."""
    dims = value.type.tensor_type.shape.dim
    if wanted is not None:
        if len(wanted) != len(dims):
            raise SourceError(
                f"--input-shape gives '{value.name}' {len(wanted)} dimensions, the model has "
                f"{len(dims)}",
                hint=f"the model declares {value.name}:{_declared(dims)}",
            )
        for dim, size in zip(dims, wanted, strict=True):
            if dim.dim_value > 0 and dim.dim_value != size:
                raise SourceError(
                    f"--input-shape gives '{value.name}' {_comma(wanted)}, but the model fixes "
                    f"{_declared(dims)}",
                )
            dim.dim_value = size
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
    """Drop shapes that were inferred for other input shapes."""
    del graph.value_info[:]
    for output in graph.output:
        output.type.tensor_type.ClearField("shape")


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
        given = onnx.TensorProto.DataType.Name(element).lower() if element else "no tensor"
        raise SourceError(
            f"input '{value.name}' has type {given}",
            hint=f"supported input types: {', '.join(supported.values())}",
        )
    shape = tuple(dim.dim_value for dim in value.type.tensor_type.shape.dim)
    return SourceTensor(value.name, supported[element], shape)


def _declared(dims: Any) -> str:
    return ",".join(str(dim.dim_value or dim.dim_param or "?") for dim in dims)


def _comma(values: Any) -> str:
    return ",".join(str(value) for value in values)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
