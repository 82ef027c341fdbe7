"""Orders of execution: as small as any order can be, and the same bytes."""

from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.converters.c import COptions, generate_c
from edgekit.converters.c.arena import plan_arena
from edgekit.converters.c.ordering import reordered
from edgekit.converters.c.program import plan_program
from edgekit.converters.graph import (
    DataType,
    Operator,
    Subgraph,
    Tensor,
    peak_activation_bytes,
    read_graph,
)
from edgekit.converters.graph.builder import Node


def graph(sizes, reads):
    """Operator i reads the tensors ``reads[i]`` and writes tensor i + 1; the last is the output."""
    tensors = tuple(
        Tensor(index, f"t{index}", (size,), DataType.INT8, None) for index, size in enumerate(sizes)
    )
    operators = tuple(
        Operator(index, "CONCATENATION", 1, tuple(items), (index + 1,))
        for index, items in enumerate(reads)
    )
    return Subgraph("main", tensors, operators, (0,), (len(sizes) - 1,))


@st.composite
def graphs(draw):
    count = draw(st.integers(1, 6))
    sizes = draw(st.lists(st.integers(1, 100), min_size=count + 1, max_size=count + 1))
    reads = [draw(st.sets(st.integers(0, index), min_size=1, max_size=3)) for index in range(count)]
    return graph(sizes, [sorted(items) for items in reads])


def smallest_peak(main):
    """Try every order."""
    found = []
    for order in permutations(main.operators):
        made = {0}
        for operator in order:
            if not made.issuperset(operator.inputs):
                break
            made.add(operator.outputs[0])
        else:
            renumbered = tuple(
                Operator(index, item.kind, 1, item.inputs, item.outputs)
                for index, item in enumerate(order)
            )
            changed = Subgraph("main", main.tensors, renumbered, main.inputs, main.outputs)
            found.append(peak_activation_bytes(changed))
    return min(found)


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_no_order_has_a_smaller_peak(main):
    schedule = reordered(main)
    operators = main.operators if schedule is None else schedule.subgraph.operators
    renumbered = tuple(
        Operator(index, item.kind, 1, item.inputs, item.outputs)
        for index, item in enumerate(operators)
    )
    changed = Subgraph("main", main.tensors, renumbered, main.inputs, main.outputs)
    # What is never read and no output lives for one step in both.
    assert peak_activation_bytes(changed) == smallest_peak(main)


def test_a_chain_is_left_alone():
    assert reordered(graph([4, 8, 2, 6], [[0], [1], [2]])) is None


def test_operators_with_a_state_are_left_alone():
    branches = graph([10, 90, 90, 1, 1, 2], [[0], [0], [1], [2], [3, 4]])
    assert reordered(branches) is not None
    state = Tensor(6, "state", (4,), DataType.INT8, None, is_variable=True)
    stateful = Subgraph("main", (*branches.tensors, state), branches.operators, (0,), (5,))
    assert reordered(stateful) is None


@pytest.fixture(scope="module")
def model(c_libraries):
    """Two branches, widened first and narrowed later, in an order that keeps both wide at once."""
    rng = np.random.default_rng(0)
    x = c_libraries.tensor((1, 8, 8, 4), scale=0.1)

    def convolution(source, channels):
        shape = (channels, 1, 1, source.shape[3])
        weights = c_libraries.tensor(shape, scale=0.01, data=rng.integers(-90, 91, shape))
        bias = c_libraries.tensor((channels,), "int32", scale=0.001, data=0)
        output = c_libraries.tensor((*source.shape[:3], channels), scale=0.1)
        options = {"padding": 0, "stride_h": 1, "stride_w": 1}
        options |= {"dilation_h_factor": 1, "dilation_w_factor": 1}
        return Node("CONV_2D", [source, weights, bias], [output], options)

    wide = [convolution(x, 32), convolution(x, 32)]
    narrow = [convolution(node.outputs[0], 4) for node in wide]
    total = c_libraries.tensor((1, 8, 8, 4), scale=0.1)
    last = Node("ADD", [node.outputs[0] for node in narrow], [total], {})
    return c_libraries.model_of([*wide, *narrow, last])


def test_branches_are_computed_one_after_the_other(model, c_libraries):
    library = generate_c(model, COptions("m"))
    assert library.schedule == "reordered, layer by layer"
    assert library.layers == ("CONV_2D #0", "CONV_2D #2", "CONV_2D #1", "CONV_2D #3", "ADD #4")
    # The input, a wide tensor, and a narrow one; in the given order, there were both wide ones.
    graph = read_graph(model)
    given = plan_arena(plan_program(graph, library.isa)).size_bytes
    assert library.arena_bytes <= 256 + 2048 + 256 < 2 * 2048 < given
    opened, rng = c_libraries.interpreter(model), np.random.default_rng(1)
    with TemporaryDirectory() as folder:
        host = c_libraries.load([library], Path(folder))[0]
    values = c_libraries.random_values(rng, "int8", (1, 8, 8, 4))
    (wanted,) = c_libraries.golden(opened, [values], 1)
    assert host.run(values)[0].tobytes() == wanted.tobytes()
