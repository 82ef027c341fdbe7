"""Exact rewrites of ONNX graphs into operators that have integer kernels."""

from typing import Any

__all__ = ["split_sums"]


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
