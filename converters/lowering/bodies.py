"""Copy the body of an If or a Loop into the graph around it."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

__all__ = ["constants_of", "copied_body"]


def constants_of(graph: Any) -> dict[str, Any]:
    """Return the values of a graph's initializers and Constant nodes, by name."""
    from onnx import helper, numpy_helper

    found = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].name.startswith("value"):
            value = helper.get_attribute_value(node.attribute[0])
            is_tensor = node.attribute[0].name == "value"
            found[node.output[0]] = numpy_helper.to_array(value) if is_tensor else np.array(value)
    return found


def copied_body(
    graph: Any, body: Any, inputs: Mapping[str, str], place: str
) -> tuple[list[Any], list[str]]:
    """Copy a body, each of its tensors under a name that begins with ``place``.

    Its initializers are added to the graph; its nodes are not.

    Args:
        graph: The ``onnx.GraphProto`` around it.
        body: The ``onnx.GraphProto`` to copy; left as it is.
        inputs: Name of an input of the body -> tensor of the graph.
        place: Unique in the graph.

    Returns:
        The nodes, and the tensor of the graph that each output of the body is.
    """
    made = {item.name for item in body.initializer}
    made.update(name for node in body.node for name in node.output if name)
    names = {**inputs, **{name: f"{place}/{name}" for name in made}}
    for initial in body.initializer:
        graph.initializer.add().CopyFrom(initial)
        graph.initializer[-1].name = names[initial.name]
    nodes = list(_renamed(body, names, place))
    return nodes, [names.get(item.name, item.name) for item in body.output]


def _renamed(body: Any, names: Mapping[str, str], place: str) -> Iterator[Any]:
    for node in body.node:
        copy = type(node)()
        copy.CopyFrom(node)
        copy.name = f"{place}/{node.name or next(name for name in node.output if name)}"
        _rename(copy, names)
        yield copy


def _rename(node: Any, names: Mapping[str, str]) -> None:
    """Rename the tensors of a node, also where its own bodies read them."""
    for values in (node.input, node.output):
        values[:] = [names.get(name, name) for name in values]
    for attribute in node.attribute:
        for graph in (attribute.g, *attribute.graphs):
            for inner in graph.node:
                _rename(inner, names)
            for output in graph.output:
                output.name = names.get(output.name, output.name)
