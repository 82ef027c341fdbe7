"""Arithmetic of windows against its definition, and random windows against onnxruntime."""

from contextlib import nullcontext, suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.source_graph import SourceNode
from edgekit.converters.lowering.windows import Window, same_pads, window_of

small = st.integers(1, 5)


@given(size=st.integers(1, 40), extent=st.integers(1, 12), stride=small)
def test_same_keeps_one_position_a_stride(size, extent, stride):
    before, after = same_pads(size, extent, stride)
    positions = -(-size // stride)
    assert after - before in (0, 1)
    assert before + after == max(0, (positions - 1) * stride + extent - size)


@given(
    size=st.integers(1, 20), kernel=small, stride=small, dilation=small, before=st.integers(0, 4)
)
def test_fitted_padding_reaches_the_last_tap(size, kernel, stride, dilation, before):
    window = Window((kernel,), (stride,), (dilation,), ((before, 99),))
    taps = window.taps(0, 3)
    ((_, after),) = window.fitted((size,), (3,)).pads
    assert taps.shape == (3, kernel)
    assert taps[0, 0] == -before
    assert after == max(0, taps[-1, -1] - size + 1)


def test_more_axes_than_there_are_kernels_for_are_refused():
    node = SourceNode("Conv", "", 21, "conv", ("x",), ("y",), {})
    with pytest.raises(RefusedError, match="3 spatial axes"):
        window_of(node, (4, 4, 4), (3, 3, 3))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_random_windows(lower, make_model, data):
    draw = data.draw
    kind = draw(st.sampled_from(["Conv", "MaxPool", "AveragePool"]))
    sizes = draw(st.tuples(st.integers(4, 9), st.integers(4, 9)))
    kernel = draw(st.tuples(small, small))
    dilations = draw(st.tuples(st.integers(1, 2), st.integers(1, 2)))
    attributes = {"strides": draw(st.tuples(small, small)), "dilations": dilations}
    pads = [draw(st.integers(0, size - 1)) for size in (*kernel, *kernel)]
    spans = [(size - 1) * step + 1 for size, step in zip(kernel, dilations, strict=True)]
    for axis in range(2):
        if sizes[axis] + pads[axis] + pads[axis + 2] < spans[axis]:
            return
    constants = {}
    if kind == "Conv":
        generator = np.random.default_rng(0)
        constants["w"] = generator.standard_normal((3, 3, *kernel)).astype(np.float32)
    else:
        attributes["kernel_shape"] = kernel
        attributes["ceil_mode"] = draw(st.integers(0, 1))
    if kind == "AveragePool":
        attributes["count_include_pad"] = draw(st.integers(0, 1))
    node = helper.make_node(kind, ["x", *constants], ["y"], name="n", pads=pads, **attributes)
    model = make_model([node], {"x": (1, 3, *sizes)}, ["y"], constants, opset=22)
    # Only a maximum over nothing but padding may be refused.
    with suppress(RefusedError) if kind == "MaxPool" else nullcontext():
        lower(model)
