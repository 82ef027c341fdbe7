"""Clean an ONNX model for lowering: constants folded, functions inlined, shapes settled."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.sources.onnx_reference import OnnxReference

__all__ = ["fold_constants", "prepare"]

_LARGEST_FOLD = 1 << 28  # bytes


def prepare(model: Any) -> Any:
    """Return a model with the same values in which only what depends on inputs is computed.

    Ensures that shape arithmetic is gone, functions are inlined, Identity and Dropout are
    removed by onnxscript's optimizer, and what it leaves constant is folded here.

    Args:
        model: An ``onnx.ModelProto`` with fixed input shapes.
    """
    from onnxscript import optimizer

    return optimizer.optimize(
        model,
        num_iterations=2,
        onnx_shape_inference=True,
        input_size_limit=_LARGEST_FOLD,
        output_size_limit=_LARGEST_FOLD,
    )


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
    kept = []
    for node in graph.node:
        needed = [name for name in node.input if name]
        is_random = node.op_type.startswith("Random") or node.op_type in ("Bernoulli",)
        shape_only = node.op_type in ("EyeLike", "Shape", "Size")
        fixed = shape_only or all(name in known for name in needed)
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


def _identity(graph: Any, name: str) -> Any:
    """Keep a constant output as a node, since an output cannot be an initializer here."""
    from onnx import helper

    graph.initializer[-1].name = f"{name}/constant"
    return helper.make_node("Identity", [f"{name}/constant"], [name], name=name)
