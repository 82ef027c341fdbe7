"""Exact rewrites of ONNX graphs into operators that have integer kernels."""

from typing import Any

import numpy as np

__all__ = ["flatten_old_softmax", "split_sums"]


def split_sums(graph: Any) -> None:
    """Replace each Sum by additions of two tensors, in place; the values stay the same.

    Requires nothing. Ensures that no Sum is left. TFLite's ADD_N has no integer kernel, its ADD
    has one.

    Args:
        graph: An ``onnx.GraphProto``.
    """
    from onnx import helper

    nodes = []
    for node in graph.node:
        if node.op_type != "Sum" or node.domain:
            nodes.append(node)
            continue
        name = node.name or node.output[0]
        first, *others = node.input
        if not others:
            nodes.append(helper.make_node("Identity", [first], node.output, name=name))
        for index, other in enumerate(others):
            last = index == len(others) - 1
            result = node.output[0] if last else f"{name}/partial_{index}"
            label = name if last else result
            nodes.append(helper.make_node("Add", [first, other], [result], name=label))
            first = result
    del graph.node[:]
    graph.node.extend(nodes)


def flatten_old_softmax(model: Any) -> None:
    """Write out what Softmax meant before opset 13, in place; the values stay the same.

    Until then LogSoftmax and Softmax worked on their input flattened to two dimensions at
    ``axis`` (1 by default), not along that axis alone. Ensures that each works along the last
    axis of what it reads, wherever the shape is known.

    Args:
        model: An ``onnx.ModelProto`` with fixed input shapes.
    """
    import onnx
    from onnx import helper, numpy_helper

    opsets = [item.version for item in model.opset_import if item.domain in ("", "ai.onnx")]
    if not opsets or opsets[0] >= 13:
        return
    shapes = _shapes(onnx.shape_inference.infer_shapes(model).graph)
    nodes = []
    for node in model.graph.node:
        shape = shapes.get(node.input[0]) if node.op_type in ("LogSoftmax", "Softmax") else None
        axis = next((item.i for item in node.attribute if item.name == "axis"), 1)
        if shape is None or axis in (-1, len(shape) - 1):
            nodes.append(node)
            continue
        name = node.name or node.output[0]
        flat, result, wanted = (f"{name}/{part}" for part in ("flat", "result", "shape"))
        initial = numpy_helper.from_array(np.array(shape, np.int64), wanted)
        model.graph.initializer.append(initial)
        nodes += [
            helper.make_node("Flatten", [node.input[0]], [flat], name=flat, axis=axis),
            helper.make_node(node.op_type, [flat], [result], name=name, axis=1),
            helper.make_node("Reshape", [result, wanted], node.output, name=f"{name}/unflatten"),
        ]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _shapes(graph: Any) -> dict[str, tuple[int, ...]]:
    found = {}
    for value in (*graph.input, *graph.value_info, *graph.output):
        shape = tuple(dim.dim_value for dim in value.type.tensor_type.shape.dim)
        if shape and all(size > 0 for size in shape):
            found[value.name] = shape
    return found
