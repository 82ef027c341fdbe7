"""Networks whose first layers are computed in stripes give the golden bytes, whatever the cut."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.converters.c import COptions, Isa
from edgekit.converters.c.arena import plan_arena
from edgekit.converters.c.generate import library_of
from edgekit.converters.c.planning import check_plan
from edgekit.converters.c.program import plan_program
from edgekit.converters.c.striping import Stripe, View, stage_length, striped
from edgekit.converters.graph import read_graph
from edgekit.converters.graph.builder import Node

POOLS = ("AVERAGE_POOL_2D", "MAX_POOL_2D")


def pool(lib, rng, x):
    height, width = (int(-(-size // 2)) for size in x.shape[1:3])
    options = {"padding": 0, "stride_h": 2, "stride_w": 2}
    options |= {"filter_height": int(rng.integers(2, 4)), "filter_width": 2}
    quantization = x.quantization
    output = lib.tensor(
        (1, height, width, x.shape[3]),
        scale=quantization.scales[0],
        zero_point=quantization.zero_points[0],
    )
    return Node(str(rng.choice(POOLS)), [x], [output], options)


def pad(lib, rng, x):
    widths = np.zeros((4, 2), np.int32)
    widths[1:3] = rng.integers(0, 3, (2, 2))
    shape = tuple(np.array(x.shape) + widths.sum(axis=1))
    quantization = x.quantization
    output = lib.tensor(
        tuple(map(int, shape)),
        scale=quantization.scales[0],
        zero_point=quantization.zero_points[0],
    )
    return Node("PAD", [x, lib.tensor((4, 2), "int32", data=widths)], [output], {})


def network(lib, cases, seed, length=4):
    """Return a model: a chain of layers on one image of many rows."""
    rng = np.random.default_rng(seed)
    x = lib.any_tensor(rng, (1, int(rng.integers(9, 24)), 6, 4), low=-8, high=-2)
    nodes = []
    for _ in range(length):
        makers = (cases.convolution, cases.depthwise, pool, pad)
        make = makers[int(rng.choice(4, p=[0.35, 0.35, 0.15, 0.15]))]
        options = {"outputs": (4, 13)} if make is cases.convolution else {}
        nodes.append(make(lib, rng, x, **options))
        x = nodes[-1].outputs[0]
    return lib.model_of(nodes)


def libraries(model, isa=Isa.PORTABLE):
    """Return a library for each way to cut the model."""
    graph = read_graph(model)
    found = []
    for length in range(1, stage_length(graph.main) + 1):
        for count in (2, 3, 5, 9):
            schedule = striped(graph.main, length, count)
            if schedule is not None:
                arena = plan_arena(plan_program(graph, isa, {}, schedule))
                check_plan(arena.plan)
                found.append(library_of(arena, COptions(f"cut_{length}_{count}", isa)))
    return found


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=5, deadline=None, derandomize=True)
def test_every_cut_is_golden(c_libraries, c_cases, seed):
    model = network(c_libraries, c_cases, seed)
    found = libraries(model)
    opened, rng = c_libraries.interpreter(model), np.random.default_rng(seed)
    with TemporaryDirectory() as folder:
        hosts = c_libraries.load(found, Path(folder))
    for _ in range(2 if hosts else 0):
        values = c_libraries.random_values(rng, "int8", found[0].inputs[0].shape)
        (wanted,) = c_libraries.golden(opened, [values], 1)
        for host in hosts:
            (got,) = host.run(values)
            assert got.tobytes() == wanted.tobytes(), host.library.name


@pytest.mark.parametrize("isa", [Isa.DSP, Isa.MVE])
def test_fast_kernels_take_stripes(isa, c_libraries, c_boards, c_cases):
    model = network(c_libraries, c_cases, 5)
    library = max(libraries(model, isa), key=lambda item: len(item.layers))
    rng = np.random.default_rng(0)
    values = c_libraries.random_values(rng, "int8", library.inputs[0].shape)
    ((got,),) = c_boards.run(library, [[values]], core=c_boards.CORES[isa])
    (wanted,) = c_libraries.golden(c_libraries.interpreter(model), [values], 1)
    assert got == wanted.tobytes()


def three_by_three(lib, rows=8):
    """Return a model of two 3x3 convolutions without stride, SAME."""
    nodes, x = [], lib.tensor((1, rows, 5, 2), scale=0.1)
    for _ in range(2):
        weights = lib.tensor((2, 3, 3, 2), scale=0.01, data=1)
        bias = lib.tensor((2,), "int32", scale=0.001, data=0)
        output = lib.tensor((1, rows, 5, 2), scale=0.1)
        options = {"padding": 0, "stride_h": 1, "stride_w": 1}
        options |= {"dilation_h_factor": 1, "dilation_w_factor": 1}
        nodes.append(Node("CONV_2D", [x, weights, bias], [output], options))
        x = output
    return read_graph(lib.model_of(nodes))


def test_stripes_read_what_they_need_and_no_more(c_libraries):
    main = three_by_three(c_libraries).main
    schedule = striped(main, 2, 2)
    shapes = [
        [schedule.subgraph.tensors[index].shape[1] for index in (item.inputs[0], item.outputs[0])]
        for item in schedule.subgraph.operators
    ]
    # Rows 0 to 3 of the result read 0 to 4 of the middle, which read 0 to 5 of the input.
    assert shapes == [[6, 5], [5, 4], [6, 5], [5, 4]]
    assert schedule.stripes == (Stripe(0, 1), Stripe(0, 1), Stripe(1, 0), Stripe(1, 0))
    views = schedule.views.values()
    # A row of the input or of the result has ten bytes.
    assert {*views} == {View(main.inputs[0], 0), View(main.inputs[0], 20)} | {
        View(main.outputs[0], 0),
        View(main.outputs[0], 40),
    }


def test_what_is_done_once_more_is_counted(c_libraries):
    main = three_by_three(c_libraries).main
    # Two of eight rows of the first layer are computed twice: 5 columns, 2 channels, 3 x 3 x 2.
    assert striped(main, 2, 2).extra_macs == 2 * 5 * 2 * 18


def test_there_are_no_more_stripes_than_rows(c_libraries):
    main = three_by_three(c_libraries).main
    assert striped(main, 2, 8) is not None
    assert striped(main, 2, 9) is None


def test_a_stage_ends_at_a_branch(tflite_models, tmp_path, c_libraries):
    assert stage_length(three_by_three(c_libraries).main) == 2
    assert stage_length(read_graph(tflite_models.conv_model()).main) == 1
    pair = tflite_models.pair_bundle(tmp_path / "pair.edgekit")
    assert stage_length(read_graph(pair.model).main) == 0
