"""Source nodes of lowered tensors, found by value."""

import numpy as np
import pytest

from edgekit.converters.graph import DataType, Operator, Subgraph, Tensor
from edgekit.converters.origins import find_origins, origin_before, origin_of


@pytest.fixture
def source(small_models):
    return small_models.onnx_model(
        [
            small_models.node("Relu", "x", "r", name="first"),
            small_models.node("Identity", "r", "same", name="copy"),
            small_models.node("Neg", "same", "n", name=""),
        ],
        [("x", [1, 4])],
        [("n", [1, 4])],
    )


VALUES = np.float32([[1.0, 0.0, 2.5, 0.25]])


def test_tensors_match_by_their_values_whatever_their_axes_and_names(source):
    values = {"r": VALUES, "same": VALUES, "n": -VALUES}
    lowered = {"a": VALUES.reshape(2, 2).T, "b": -VALUES * (1 + 1e-6), "c": VALUES * 1.01}
    origins = find_origins(source, values, lowered)
    assert origins == {"a": "Relu 'first'", "b": "Neg 'n'"}  # without a name: its output's


def test_the_closest_node_is_taken(source):
    values = {"r": VALUES * (1 + 5e-5), "n": VALUES}
    assert find_origins(source, values, {"t": VALUES}) == {"t": "Neg 'n'"}


def test_what_says_nothing_matches_nothing(source):
    values = {
        "r": np.zeros((1, 4), np.float32),  # zeros match any zeros
        "same": np.float32([[3.0]]),  # so does a single value
        "n": np.arange(4),  # and indices
        "unknown": VALUES,
    }
    lowered = {
        "zeros": np.zeros(4, np.float32),
        "one": np.float32([3.0]),
        "indices": np.arange(4),
        "values": VALUES,
        "nothing": np.zeros(0, np.float32),
    }
    assert find_origins(source, values, lowered) == {}


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_nan_and_infinity_are_left_out_of_the_comparison(source, odd):
    values = np.float32([[1.0, odd, 2.0, -odd]])
    everywhere = np.full((1, 4), odd, np.float32)
    assert find_origins(source, {"r": values}, {"t": values.T}) == {"t": "Relu 'first'"}
    assert find_origins(source, {"r": everywhere}, {"t": everywhere}) == {}


def line(*names):
    """Operators in a row, each of them writing a tensor of the given name."""
    tensors = tuple(
        Tensor(index, name, (1,), DataType.FLOAT32, None, 0, is_variable=False)
        for index, name in enumerate(("x", *names))
    )
    operators = tuple(
        Operator(index, name.upper(), 1, (index,), (index + 1,), is_custom=False)
        for index, name in enumerate(names)
    )
    return Subgraph("main", tensors, operators, (0,), (len(names),))


def test_an_operator_comes_from_the_next_node_that_is_known():
    graph = line("pad", "conv", "relu", "cast")
    origins = {"relu": "Relu 'r'"}
    found = [origin_of(graph, operator, origins) for operator in graph.operators]
    assert found == ["Relu 'r'", "Relu 'r'", "Relu 'r'", "unknown"]


def test_the_node_before_an_operator():
    graph = line("pad", "conv", "relu", "cast")
    origins = {"pad": "Pad 'p'"}
    found = [origin_before(graph, operator, origins) for operator in graph.operators]
    assert found == [None, "Pad 'p'", "Pad 'p'", "Pad 'p'"]


def test_both_directions_end_in_loops():
    graph = line("one", "two")
    looped = Subgraph(
        "main",
        graph.tensors,
        (
            Operator(0, "ONE", 1, (2,), (1,), is_custom=False),
            Operator(1, "TWO", 1, (1,), (2,), is_custom=False),
        ),
        (0,),
        (2,),
    )
    assert origin_of(looped, looped.operators[0], {}) == "unknown"
    assert origin_before(looped, looped.operators[0], {}) is None
