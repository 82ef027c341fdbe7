"""Graphs that keep the contract, and ways to break it."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from edgekit.converters.contract import ContractContext, check_contract
from edgekit.converters.graph import Graph, read_graph


@pytest.fixture
def graph(tflite_models):
    """An int8 picture classifier: CONV_2D, RESHAPE, SOFTMAX."""
    return read_graph(tflite_models.conv_model())


def with_tensor(graph, name, /, **changes):
    """Return the graph with a tensor changed; ``quantization`` may be a dict of changes."""
    tensors = list(graph.main.tensors)
    (index,) = (number for number, tensor in enumerate(tensors) if tensor.name == name)
    if isinstance(changes.get("quantization"), dict):
        changed = replace(tensors[index].quantization, **changes["quantization"])
        changes = changes | {"quantization": changed}
    tensors[index] = replace(tensors[index], **changes)
    return with_main(graph, tensors=tuple(tensors))


def with_operator(graph, kind, /, **changes):
    """Return the graph with the operator of this kind changed."""
    main = graph.main
    assert any(operator.kind == kind for operator in main.operators)
    operators = [replace(o, **changes) if o.kind == kind else o for o in main.operators]
    return with_main(graph, operators=tuple(operators))


def with_main(graph, **changes):
    """Return the graph with its main subgraph changed."""
    return Graph((replace(graph.main, **changes), *graph.subgraphs[1:]), graph.size_bytes)


def broken(graph, *devices, scheme="int8", io="int8", **context):
    """Return what breaks the contract, by the name of the constraint."""
    found = check_contract(graph, ContractContext(scheme, io, **context), devices)
    names = [item.constraint for item in found]
    assert len(set(names)) == len(names), found
    return dict(zip(names, found, strict=True))


@pytest.fixture
def edit():
    """Functions that change graphs and check them."""
    return SimpleNamespace(
        tensor=with_tensor, operator=with_operator, main=with_main, broken=broken
    )
