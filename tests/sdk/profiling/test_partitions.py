"""What XNNPACK takes over, and orders that respect dependencies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.converters.graph import Operator, Subgraph, read_graph
from edgekit.profiling.partitions import delegate_partitions, execution_units
from edgekit.runtime import Kernels, open_interpreter


def partitions(content, kernels=Kernels.DEFAULT):
    interpreter, _ = open_interpreter(content, kernels=kernels)
    return delegate_partitions(read_graph(content).main, interpreter)


def test_what_a_delegate_runs_lies_between_its_borders(tflite_models):
    # XNNPACK has no int8 softmax.
    assert partitions(tflite_models.conv_model()) == ((0, 1),)


@pytest.mark.parametrize("kernels", [Kernels.BUILTIN, Kernels.REFERENCE])
def test_without_a_delegate_there_are_none(tflite_models, kernels):
    assert partitions(tflite_models.conv_model(), kernels) == ()


def test_there_may_be_several(test_data):
    # AVERAGE_POOL_2D of this model and its softmax are not XNNPACK's.
    content = (test_data / "kws_ref_int8.tflite").read_bytes()
    assert partitions(content) == (tuple(range(9)), (10, 11))


def test_an_interpreter_that_lists_no_nodes_gives_none(tflite_models):
    assert delegate_partitions(read_graph(tflite_models.conv_model()).main, object()) == ()


@st.composite
def networks(draw):
    """Return operators that each read some earlier results, the first ones the input."""
    count = draw(st.integers(1, 8))
    operators = []
    for index in range(count):
        read = draw(st.sets(st.integers(0, index), min_size=1, max_size=3))
        operators.append(Operator(index, "ADD", 1, tuple(read), (index + 1,)))
    return Subgraph("main", (), tuple(operators), (0,), (count,))


@given(networks(), st.integers(0, 7), st.integers(1, 4))
def test_units_run_after_what_they_read(main, first, length):
    # A run of neighbours without a gap can always be one unit.
    unit = tuple(operator.index for operator in main.operators[first : first + length])
    units = execution_units(main, [unit] if unit else [])
    assert sorted(index for item in units for index in item) == list(range(len(main.operators)))
    assert not unit or unit in units
    available = {0}
    for item in units:
        for index in item:
            operator = main.operators[index]
            assert {*operator.inputs} <= available
            available.update(operator.outputs)


def test_a_unit_waits_for_what_lies_between_its_operators():
    # 0 and 2 are one unit, but 2 reads what 1 makes, and 1 reads the input alone.
    main = Subgraph(
        "main",
        (),
        (
            Operator(0, "ADD", 1, (0,), (1,)),
            Operator(1, "MUL", 1, (0,), (2,)),
            Operator(2, "ADD", 1, (1, 2), (3,)),
        ),
        (0,),
        (3,),
    )
    assert execution_units(main, [(0, 2)]) == ((1,), (0, 2))
