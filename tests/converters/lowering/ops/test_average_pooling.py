"""AveragePool and LpPool against onnxruntime: the divisor at borders and in ceil mode."""

import itertools

import pytest
from onnx import helper


def pool(make_model, shape, kernel, *, kind="AveragePool", opset=22, **attributes):
    node = helper.make_node(kind, ["x"], ["y"], name="pool", kernel_shape=kernel, **attributes)
    return make_model([node], {"x": shape}, ["y"], opset=opset)


CASES = [
    (size, kernel, stride, pads, ceil, padded)
    for size, kernel, stride in itertools.product((4, 7), (2, 3), (1, 2, 3))
    for pads in ([0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 1, 0])
    for ceil, padded in itertools.product((0, 1), (0, 1))
]


@pytest.mark.parametrize(("size", "kernel", "stride", "pads", "ceil", "padded"), CASES)
def test_divisors(lower, make_model, size, kernel, stride, pads, ceil, padded):
    model = pool(
        make_model,
        (1, size, size, size),
        [kernel, kernel],
        strides=[stride, stride],
        pads=pads,
        ceil_mode=ceil,
        count_include_pad=padded,
    )
    assert lower(model).count("TRANSPOSE") == 0


@pytest.mark.parametrize("opset", [7, 10, 11, 19])
@pytest.mark.parametrize("padded", [0, 1])
def test_opsets(lower, make_model, opset, padded):
    options = {"ceil_mode": 1} if opset >= 10 else {}
    model = pool(
        make_model,
        (1, 3, 6, 6),
        [3, 3],
        strides=[2, 2],
        pads=[1, 1, 1, 1],
        count_include_pad=padded,
        opset=opset,
        **options,
    )
    lower(model)


@pytest.mark.parametrize("auto_pad", ["SAME_UPPER", "SAME_LOWER", "VALID"])
@pytest.mark.parametrize("padded", [0, 1])
def test_auto_pad(lower, make_model, auto_pad, padded):
    model = pool(
        make_model,
        (1, 5, 5, 5),
        [2, 4],
        auto_pad=auto_pad,
        strides=[2, 1],
        count_include_pad=padded,
    )
    lowered = lower(model)
    if auto_pad == "VALID" or (auto_pad == "SAME_UPPER" and not padded):
        assert lowered.kinds == ["AVERAGE_POOL_2D"]


@pytest.mark.parametrize("padded", [0, 1])
@pytest.mark.parametrize("ceil", [0, 1])
@pytest.mark.parametrize("pads", [[0, 0, 0, 0], [1, 1, 1, 1]])
def test_dilations(lower, make_model, padded, ceil, pads):
    model = pool(
        make_model,
        (1, 3, 8, 8),
        [2, 3],
        dilations=[2, 2],
        strides=[1, 2],
        pads=pads,
        ceil_mode=ceil,
        count_include_pad=padded,
    )
    lower(model)


@pytest.mark.parametrize("padded", [0, 1])
@pytest.mark.parametrize("pads", [[0, 0], [1, 1], [1, 0]])
def test_one_dimension(lower, make_model, padded, pads):
    model = pool(make_model, (2, 6, 6), [3], strides=[2], pads=pads, count_include_pad=padded)
    assert lower(model).count("TRANSPOSE") == 0


@pytest.mark.parametrize("padded", [0, 1])
@pytest.mark.parametrize("ceil", [0, 1])
def test_three_dimensions(lower, make_model, padded, ceil):
    model = pool(
        make_model,
        (2, 3, 6, 5, 6),
        [2, 3, 3],
        strides=[2, 1, 2],
        pads=[1, 0, 1, 0, 1, 1],
        count_include_pad=padded,
        ceil_mode=ceil,
    )
    lower(model)


@pytest.mark.parametrize("power", [1, 2, 3])
@pytest.mark.parametrize("pads", [[0, 0, 0, 0], [1, 1, 1, 1]])
@pytest.mark.parametrize("dilations", [[1, 1], [2, 1]])
def test_lp_pool(lower, make_model, power, pads, dilations):
    model = pool(
        make_model,
        (1, 6, 6, 6),
        [3, 2],
        kind="LpPool",
        p=power,
        pads=pads,
        dilations=dilations,
        strides=[2, 2],
    )
    lower(model)


@pytest.mark.parametrize("power", [2, 3])
def test_lp_pool_in_three_dimensions(lower, make_model, power):
    lower(pool(make_model, (1, 3, 4, 5, 6), [2, 3, 2], kind="LpPool", p=power))


@pytest.mark.parametrize("padded", [0, 1])
@pytest.mark.parametrize("pads", [[0, 0, 0, 0], [1, 0, 1, 2]])
def test_a_window_larger_than_the_picture_is_cut_to_it(lower, make_model, pads, padded):
    options = {"strides": [640, 640], "pads": pads, "ceil_mode": 1, "count_include_pad": padded}
    lowered = lower(pool(make_model, (1, 4, 3, 5), [640, 640], **options))
    assert lowered.count("PAD") == 0
    assert max(tensor.shape[1] for tensor in lowered.graph.main.tensors if tensor.shape[2:]) <= 5
