"""The lower bound of the arena against a brute-force count."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.converters.graph import (
    DataType,
    Operator,
    Subgraph,
    Tensor,
    peak_activation_bytes,
    read_graph,
)


def tensor(index, size, *, constant=False, variable=False):
    data = bytes(size) if constant else None
    return Tensor(index, f"t{index}", (size,), DataType.INT8, None, data, variable)


def chain(sizes, constants=()):
    """A graph in which operator i reads tensor i and writes tensor i + 1."""
    tensors = tuple(tensor(i, size, constant=i in constants) for i, size in enumerate(sizes))
    operators = tuple(
        Operator(i, "RELU", 1, (i,), (i + 1,), is_custom=False) for i in range(len(sizes) - 1)
    )
    return Subgraph("main", tensors, operators, (0,), (len(sizes) - 1,))


def test_a_chain_needs_its_largest_neighbours():
    assert peak_activation_bytes(chain([10, 20, 5, 40])) == 45
    assert peak_activation_bytes(chain([10, 100])) == 110


def test_a_skip_connection_keeps_its_source_alive():
    tensors = tuple(tensor(index, size) for index, size in enumerate([10, 20, 30, 10]))
    operators = (
        Operator(0, "RELU", 1, (0,), (1,), is_custom=False),
        Operator(1, "RELU", 1, (1,), (2,), is_custom=False),
        Operator(2, "ADD", 1, (2, 0), (3,), is_custom=False),
    )
    assert peak_activation_bytes(Subgraph("main", tensors, operators, (0,), (3,))) == 60


def test_outputs_live_to_the_end_and_inputs_from_the_start():
    tensors = tuple(tensor(index, size) for index, size in enumerate([1, 50, 3, 4]))
    operators = (
        Operator(0, "SPLIT", 1, (0,), (1, 2), is_custom=False),
        Operator(1, "RELU", 1, (2,), (3,), is_custom=False),
    )
    assert peak_activation_bytes(Subgraph("main", tensors, operators, (0,), (1, 3))) == 57


def test_variables_live_always_and_constants_never():
    tensors = (
        tensor(0, 2),
        tensor(1, 1000, constant=True),
        tensor(2, 64, variable=True),
        tensor(3, 8),
        tensor(4, 16),
    )
    operators = (
        Operator(0, "ADD", 1, (0, 1, -1), (3,), is_custom=False),
        Operator(1, "RELU", 1, (3,), (4,), is_custom=False),
    )
    assert peak_activation_bytes(Subgraph("main", tensors, operators, (0,), (4,))) == 64 + 24


def test_a_graph_without_operators():
    assert peak_activation_bytes(Subgraph("main", (tensor(0, 7),), (), (0,), (0,))) == 7
    assert peak_activation_bytes(Subgraph("main", (), (), (), ())) == 0


def brute_force(graph):
    """Before, between and after operators: what was written and is still to be read."""
    peak = 0
    for step in range(len(graph.operators) + 1):
        current = graph.operators[step : step + 1]
        done, later = graph.operators[:step], graph.operators[step:]
        present = set(graph.inputs) if step == 0 else set()
        for index in range(len(graph.tensors)):
            written = index in graph.inputs or any(index in op.outputs for op in done)
            needed = index in graph.outputs or any(index in op.inputs for op in later)
            if written and needed:
                present.add(index)
        for operator in current:
            present |= {i for i in (*operator.inputs, *operator.outputs) if i >= 0}
        alive = [graph.tensors[i] for i in present if not graph.tensors[i].is_constant]
        peak = max(peak, sum(item.size_bytes for item in alive))
    return peak


@st.composite
def graphs(draw):
    count = draw(st.integers(1, 4))
    sizes = [draw(st.integers(0, 100)) for _ in range(count)]
    constants = {index for index in range(1, count) if draw(st.booleans())}
    operators = []
    for number in range(draw(st.integers(1, 8))):
        read = draw(st.lists(st.integers(0, len(sizes) - 1), min_size=1, max_size=3))
        written = list(range(len(sizes), len(sizes) + draw(st.integers(1, 2))))
        sizes += [draw(st.integers(0, 100)) for _ in written]
        operators.append(Operator(number, "ANY", 1, tuple(read), tuple(written), is_custom=False))
    inputs = tuple(index for index in range(count) if index not in constants)
    made = list(range(count, len(sizes)))
    outputs = draw(st.lists(st.sampled_from(made), min_size=1, max_size=3, unique=True))
    tensors = tuple(tensor(i, size, constant=i in constants) for i, size in enumerate(sizes))
    return Subgraph("main", tensors, tuple(operators), inputs, tuple(outputs))


@given(graphs())
def test_like_brute_force(graph):
    assert peak_activation_bytes(graph) == brute_force(graph)


@pytest.mark.parametrize("name", ["kws", "ic", "ad"])
def test_the_arenas_of_real_models_are_not_below_it(test_data, name):
    """The arenas were read from TensorFlow Lite Micro on emulated Cortex-M cores."""
    with (test_data / "peer_tflm_cortex_m.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["model"] == name]
    arena = min(int(row["arena_bytes"]) for row in rows)
    main = read_graph((test_data / f"{name}_ref_int8.tflite").read_bytes()).main
    at_least = max(
        sum(t.size_bytes for t in (*main.inputs_of(op), *main.outputs_of(op)) if not t.is_constant)
        for op in main.operators
    )
    assert at_least <= peak_activation_bytes(main) <= arena
