"""The standard's cases: what applies to us, as sources, and how their results are compared."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.sources.base import SourceModel, SourceTensor
from edgekit.converters.sources.box_selection import pad_box_selections
from edgekit.converters.sources.onnx_reference import OnnxReference
from edgekit.converters.sources.opset import declare_settled_opset
from edgekit.converters.sources.rewrites import flatten_old_softmax, split_sums

__all__ = [
    "Case",
    "WrongError",
    "collect",
    "compare",
    "freezings",
    "inapplicable",
    "open_case",
    "open_model",
]

TYPES = frozenset("bool float32 int8 int16 int32 int64 uint8".split())  # that LiteRT computes with

Arrays = list[npt.NDArray[Any]]


class WrongError(Exception):
    """The lowered model does not give the expected values."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case of the standard.

    Attributes:
        name: Its name.
        operator: What it tests.
        opset: The version of the operator that it tests.
        model: The ``onnx.ModelProto``.
        inputs: Values, in the model's order; may be of types without arrays.
        outputs: Expected values, in the model's order.
        rtol: Relative tolerance.
        atol: Absolute tolerance.
    """

    name: str
    operator: str
    opset: int
    model: Any
    inputs: Sequence[Any]
    outputs: Sequence[Any]
    rtol: float
    atol: float


def collect() -> list[Case]:
    """Return the standard's cases."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases

        found = collect_testcases(None)
    plain = {case.name: case.model.graph.node[-1].op_type for case in found if case.model}
    return [
        Case(
            name=case.name,
            operator=plain.get(case.name.partition("_expanded")[0], "?"),
            opset=next(iter(case.model.opset_import)).version,
            model=case.model,
            inputs=case.data_sets[0][0],
            outputs=case.data_sets[0][1],
            rtol=case.rtol,
            atol=case.atol,
        )
        for case in found
    ]


def inapplicable(case: Case) -> str:
    """Return why a case says nothing about models of ours, empty where it does."""
    from onnx import TensorProto

    graph = case.model.graph
    attributes = [item for node in graph.node for item in node.attribute]
    if (
        any(node.domain == "ai.onnx.preview.training" for node in graph.node)
        or "training" in case.name
        or any(item.name == "training_mode" and item.i for item in attributes)
    ):
        return "training"
    for value in (*graph.input, *graph.output):
        if not value.type.HasField("tensor_type"):
            return "sequence or optional"
    for value in (*graph.input, *graph.output):
        name = TensorProto.DataType.Name(value.type.tensor_type.elem_type).lower()
        name = {"float": "float32", "double": "float64"}.get(name, name)
        if name not in TYPES:
            return f"type {name}"
    if not graph.input:
        return "no input"
    if any(node.op_type.startswith("Random") or node.op_type == "Bernoulli" for node in graph.node):
        return "random values"
    return ""


def freezings(case: Case) -> Iterator[tuple[int, ...]]:
    """Yield positions of inputs to freeze: none, integers, all but the first, all but another."""
    count = len(case.inputs)
    tried = [
        (),
        tuple(index for index in range(1, count) if case.inputs[index].dtype.kind in "iub"),
        tuple(range(1, count)),
        *(tuple(index for index in range(count) if index != kept) for kept in range(1, count)),
    ]
    yield from dict.fromkeys(tried)


def open_case(case: Case, frozen: tuple[int, ...]) -> tuple[SourceModel, dict[str, Any]]:
    """Return a case as a source with the shapes of its data, and its computed inputs."""
    return open_model(case.name, case.model, case.inputs, case.outputs, frozen)


def open_model(
    name: str, model: Any, inputs: Sequence[Any], outputs: Sequence[Any], frozen: tuple[int, ...]
) -> tuple[SourceModel, dict[str, Any]]:
    """Return a model as a source with the shapes of some data, and what stays an input.

    Args:
        name: What to call it.
        model: An ``onnx.ModelProto``; left as it is.
        inputs: Values of its inputs.
        outputs: Expected values of its outputs.
        frozen: Positions of inputs that become constants.
    """
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.ModelProto.FromString(model.SerializeToString())
    declare_settled_opset(model)
    graph = model.graph
    named = list(zip(graph.input, map(np.asarray, inputs), strict=True))
    del graph.input[:]
    sample = {}
    for index, (value, data) in enumerate(named):
        if index in frozen:
            graph.initializer.append(numpy_helper.from_array(data, value.name))
            continue
        sample[value.name] = data
        kind = value.type.tensor_type.elem_type
        graph.input.append(helper.make_tensor_value_info(value.name, kind, data.shape))
    tensors = tuple(SourceTensor(k, v.dtype.name, v.shape) for k, v in sample.items())
    padded = pad_box_selections(model, tensors)
    split_sums(graph)
    flatten_old_softmax(model)
    content = model.SerializeToString()
    source = SourceModel(
        kind="onnx",
        name=name,
        content=content,
        inputs=tensors,
        outputs=tuple(
            SourceTensor(item.name, value.dtype.name, value.shape)
            for item, value in zip(graph.output, map(np.asarray, outputs), strict=True)
        ),
        reference=OnnxReference(content),
        notices=padded,
    )
    return source, sample


def compare(name: str, actual: Any, expected: Any, rtol: float, atol: float) -> None:
    """Hold an output against the expected one.

    Raises:
        WrongError: Type, shape or a value differs.
    """
    if actual.dtype != expected.dtype or actual.shape != expected.shape:
        raise WrongError(
            f"'{name}' is {actual.dtype}{actual.shape}, not {expected.dtype}{expected.shape}"
        )
    if not np.allclose(actual, expected, rtol=rtol, atol=atol, equal_nan=True):
        with np.errstate(invalid="ignore"):
            apart = np.abs(actual.astype(np.float64) - expected.astype(np.float64))
        largest = np.nanmax(np.abs(expected))
        raise WrongError(f"'{name}' differs by up to {np.nanmax(apart):.3g} (of {largest:.3g})")
