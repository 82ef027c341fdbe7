"""A budget decides whether the first layers are computed in stripes."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from edgekit.converters.c import COptions, Isa, generate_c
from edgekit.converters.c.errors import ArenaBudgetError
from edgekit.converters.graph.builder import Node


def layer(lib, x, kind, channels, kernel, stride):
    """Return a layer as MobileNetV2 has them, with seeded weights."""
    rng = np.random.default_rng(channels)
    depthwise = kind == "DEPTHWISE_CONV_2D"
    inputs = x.shape[3]
    shape = (1, kernel, kernel, inputs) if depthwise else (channels, kernel, kernel, inputs)
    count = inputs if depthwise else channels
    weights = lib.tensor(shape, scale=0.01, data=rng.integers(-90, 91, shape))
    bias = lib.tensor((count,), "int32", scale=0.001, data=rng.integers(-900, 900, count))
    height, width = (-(-size // stride) for size in x.shape[1:3])
    output = lib.tensor((1, height, width, count), scale=0.1, zero_point=-128)
    options = {"padding": 0, "stride_h": stride, "stride_w": stride}
    options |= {"dilation_h_factor": 1, "dilation_w_factor": 1, "fused_activation_function": 1}
    if depthwise:
        options["depth_multiplier"] = 1
    return Node(kind, [x, weights, bias], [output], options)


@pytest.fixture(scope="module")
def model(c_libraries):
    """The beginning of a MobileNetV2 on 48 x 48 pixels: wide in the middle, narrow behind."""
    x = c_libraries.tensor((1, 48, 48, 3), scale=0.1)
    nodes = []
    for kind, channels, kernel, stride in [
        ("CONV_2D", 8, 3, 2),
        ("CONV_2D", 48, 1, 1),
        ("DEPTHWISE_CONV_2D", 48, 3, 2),
        ("CONV_2D", 12, 1, 1),
        ("CONV_2D", 16, 1, 1),
    ]:
        nodes.append(layer(c_libraries, x, kind, channels, kernel, stride))
        x = nodes[-1].outputs[0]
    return c_libraries.model_of(nodes)


def test_without_need_nothing_is_computed_twice(model):
    plain = generate_c(model, COptions("m"))
    assert plain.schedule == "layer by layer"
    same = generate_c(model, COptions("m", arena_budget_bytes=plain.arena_bytes))
    assert same == plain


def test_stripes_keep_a_budget_and_the_bytes(model, c_libraries):
    plain = generate_c(model, COptions("plain"))
    budget = plain.arena_bytes // 2
    tight = generate_c(model, COptions("tight", arena_budget_bytes=budget))
    assert tight.arena_bytes <= budget
    assert tight.weights_bytes == plain.weights_bytes
    assert "stripes" in tight.schedule
    opened, rng = c_libraries.interpreter(model), np.random.default_rng(3)
    with TemporaryDirectory() as folder:
        host = c_libraries.load([tight], Path(folder))[0]
    for _ in range(3):
        values = c_libraries.random_values(rng, "int8", (1, 48, 48, 3))
        (wanted,) = c_libraries.golden(opened, [values], 1)
        assert host.run(values)[0].tobytes() == wanted.tobytes()


def test_a_smaller_budget_costs_more(model):
    plain = generate_c(model, COptions("m", isa=Isa.DSP))
    found = [
        generate_c(model, COptions("m", isa=Isa.DSP, arena_budget_bytes=budget))
        for budget in (plain.arena_bytes * 3 // 4, plain.arena_bytes * 9 // 16)
    ]
    assert len(found[0].layers) <= len(found[1].layers)


def test_what_cannot_be_is_told_in_bytes(model):
    with pytest.raises(ArenaBudgetError) as caught:
        generate_c(model, COptions("m", arena_budget_bytes=1000))
    error = caught.value
    assert f"{error.smallest_bytes - 1000:,} bytes over" in error.message
    assert generate_c(model, COptions("m", arena_budget_bytes=error.smallest_bytes)).schedule
