"""Clean an ONNX model for lowering: constants folded, functions inlined, shapes settled."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.lowering.registry import lowered_operators
from edgekit.converters.sources.base import SourceError, first_line
from edgekit.converters.sources.onnx_reference import OnnxReference

__all__ = ["COUNTING", "fold_constants", "prepare"]

COUNTING = frozenset(["NonMaxSuppression", "NonZero", "Unique"])
"""Operators that give as many results as they find: a run tells the sizes for one sample only."""


def prepare(model: Any) -> Any:
    """Return a model with the same values, without functions of its own that no lowering takes.

    Args:
        model: An ``onnx.ModelProto`` with fixed input shapes; changed in place.

    Raises:
        SourceError: A function is of an opset that does not go with the model's.
    """
    from onnx import inliner, shape_inference

    if not model.functions:
        return model
    known = lowered_operators()
    kept = [item for item in model.functions if (item.domain, item.name) in known]
    others = [item for item in model.functions if (item.domain, item.name) not in known]
    del model.functions[:]
    model.functions.extend(others)
    try:
        typed = shape_inference.infer_shapes(model)  # which the converter of opsets asks for
        model = inliner.inline_local_functions(typed, convert_version=True)
    except RuntimeError as error:
        raise SourceError(
            f"a function of the model cannot be put in its place: {first_line(error)}",
            hint="export the model and its functions with the same opset",
        ) from error
    model.functions.extend(kept)
    return model


def fold_constants(
    model: Any, sample: Mapping[str, npt.NDArray[Any]]
) -> tuple[Any, dict[str, npt.NDArray[Any]]]:
    """Replace what does not depend on an input by its values.

    Args:
        model: A model as :func:`prepare` leaves it; changed in place.
        sample: Any valid inputs; the folded values do not depend on them.

    Returns:
        The model, and every tensor's values on the sample.
    """
    from onnx import numpy_helper

    values = dict(sample)
    values.update(OnnxReference(model.SerializeToString()).run_with_inner_tensors(sample))
    graph = model.graph
    known = {item.name for item in graph.initializer}
    outputs = {value.name for value in graph.output}
    counted: set[str] = set()  # what has another size for another sample
    kept = []
    for node in graph.node:
        needed = [name for name in node.input if name]
        is_random = node.op_type.startswith("Random") or node.op_type in ("Bernoulli",)
        shape_only = node.op_type in ("EyeLike", "Shape", "Size")
        fixed = all(name in known for name in needed)
        if counted.intersection(needed) or (_counts(node, known) and not fixed):
            counted.update(node.output)
        else:
            fixed = fixed or shape_only
        if is_random or not fixed or any(item.g.node for item in node.attribute):
            kept.append(node)
            continue
        for name in node.output:
            if name:
                known.add(name)
                graph.initializer.append(numpy_helper.from_array(np.array(values[name]), name))
                if name in outputs:
                    kept.append(_identity(graph, name))
    del graph.node[:]
    graph.node.extend(kept)
    return model, values


def _counts(node: Any, known: Collection[str]) -> bool:
    if node.op_type == "Compress":
        return node.input[1] not in known
    return node.op_type in COUNTING and not node.domain


def _identity(graph: Any, name: str) -> Any:
    """Keep a constant output as a node, since an output cannot be an initializer here."""
    from onnx import helper

    graph.initializer[-1].name = f"{name}/constant"
    return helper.make_node("Identity", [f"{name}/constant"], [name], name=name)
