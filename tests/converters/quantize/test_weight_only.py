"""Smaller weights: what is stored, what it loses, and that both kernel sets run it."""

import numpy as np
import pytest

from edgekit.bundle.manifest import Io, Scheme
from edgekit.converters.graph import DataType, read_graph, write_graph
from edgekit.converters.graph.builder import GraphBuilder
from edgekit.converters.interface import Interface
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.quantize import compress_weights
from edgekit.converters.request import QuantizationRequest
from edgekit.runtime.interpreter import Kernels

WINDOW = {"stride_h": 1, "stride_w": 1, "padding": 0}
DILATION = {"dilation_h_factor": 1, "dilation_w_factor": 1}


def layer(kind, channels=16, spread=True):
    """Return a float model of one layer on ``[1, 6, 6, channels]``; channels differ in size."""
    rng = np.random.default_rng(7)
    builder = GraphBuilder()
    x = builder.emit("ABS", [_input(builder, (1, 6, 6, channels))], (1, 6, 6, channels))
    shapes = {
        "CONV_2D": (20, 3, 3, channels),
        "DEPTHWISE_CONV_2D": (1, 9, 9, channels),
        "FULLY_CONNECTED": (64, channels),
        "TRANSPOSE_CONV": (20, 3, 3, channels),
    }
    axis = 3 if kind == "DEPTHWISE_CONV_2D" else 0
    data = rng.standard_normal(shapes[kind]).astype(np.float32)
    if spread:
        sizes = np.geomspace(0.01, 10, data.shape[axis], dtype=np.float32)
        data *= sizes.reshape([-1 if index == axis else 1 for index in range(data.ndim)])
    weights = builder.constant(data, "weights")
    count = data.shape[axis]
    bias = builder.constant(rng.standard_normal(count).astype(np.float32), "bias")
    if kind == "FULLY_CONNECTED":
        y = builder.emit(kind, [x, weights, bias], (1, 6, 6, count), keep_num_dims=True)
        builder.nodes[-1].version = 5
    elif kind == "TRANSPOSE_CONV":
        shape = builder.integers((1, 6, 6, count), "shape")
        y = builder.emit(kind, [shape, weights, x], (1, 6, 6, count), dtype=x.dtype, **WINDOW)
    else:
        own = {"depth_multiplier": 1} if kind == "DEPTHWISE_CONV_2D" else {}
        y = builder.emit(kind, [x, weights, bias], (1, 6, 6, count), **WINDOW, **DILATION, **own)
    builder.outputs.append(y)
    y.name = "y"
    return builder.finish()


def _input(builder, shape):
    value = builder.constant(np.zeros(shape, np.float32), "x")
    value.data = None
    builder.inputs.append(value)
    return value


def run(graph, kernels):
    rank = len(graph.main.tensors[graph.main.inputs[0]].shape)
    interface = [Interface(name, tuple(range(rank))) for name in ("x", "y")]
    runner = TfliteRunner(write_graph(graph), interface[:1], interface[1:], kernels=kernels)
    x = np.random.default_rng(1).standard_normal((1, 6, 6, 16)).astype(np.float32)
    return runner.run({"x": x})["y"]


def stored(graph, kind):
    """Return the tensor that holds the weights of the layer, looked up through DEQUANTIZE."""
    main = graph.main
    (operator,) = [item for item in main.operators if item.kind == kind]
    tensor = main.tensors[operator.inputs[1]]
    for item in main.operators:
        if item.kind == "DEQUANTIZE" and item.outputs == (tensor.index,):
            return main.tensors[item.inputs[0]]
    return tensor


KINDS = ["CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV"]


@pytest.mark.parametrize("kernels", list(Kernels))
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("scheme", "step"), [(Scheme.DYNAMIC, 0.03), (Scheme.FLOAT16, 2e-3)])
def test_every_channel_is_close_to_float(kind, scheme, step, kernels):
    graph = layer(kind)
    expected = run(graph, kernels)
    small = compress_weights(graph, QuantizationRequest(scheme, Io.FLOAT32))
    actual = run(small, kernels)

    error = np.abs(actual - expected).max(axis=(0, 1, 2))
    assert np.all(error <= step * np.abs(expected).max(axis=(0, 1, 2)))
    assert np.any(error > 0)
    wanted = DataType.INT8 if scheme is Scheme.DYNAMIC else DataType.FLOAT16
    assert stored(small, kind).dtype is wanted
    assert len(write_graph(small)) < 0.75 * len(write_graph(graph))


@pytest.mark.parametrize("kernels", list(Kernels))
def test_dense_weights_have_one_scale_where_a_device_asks_for_it(kernels):
    graph = layer("FULLY_CONNECTED", spread=False)
    request = QuantizationRequest(Scheme.DYNAMIC, Io.FLOAT32, per_channel_dense=False)
    small = compress_weights(graph, request)

    assert len(stored(small, "FULLY_CONNECTED").quantization.scales) == 1
    expected, actual = run(graph, kernels), run(small, kernels)
    assert np.abs(actual - expected).max() < 0.03 * np.abs(expected).max()


def test_small_weights_stay_float_under_dynamic():
    graph = layer("FULLY_CONNECTED", channels=8)
    small = compress_weights(graph, QuantizationRequest(Scheme.DYNAMIC, Io.FLOAT32))
    assert stored(small, "FULLY_CONNECTED").dtype is DataType.FLOAT32


def test_numbers_that_float16_cannot_hold_stay_float():
    builder = GraphBuilder()
    x = _input(builder, (1, 4))
    huge = builder.constant(np.array([1.0, 1e6, -1.0, 2.0], np.float32), "huge")
    small = builder.constant(np.array([1.0, 0.1, -1.0, 2.0], np.float32), "small")
    y = builder.emit("ADD", [builder.emit("MUL", [x, huge], (1, 4)), small], (1, 4))
    builder.outputs.append(y)
    graph = compress_weights(builder.finish(), QuantizationRequest(Scheme.FLOAT16, Io.FLOAT32))

    kinds = {tensor.name: tensor.dtype for tensor in graph.main.tensors if tensor.is_constant}
    assert kinds == {"huge": DataType.FLOAT32, "small/float16": DataType.FLOAT16}


def test_the_interface_and_the_names_stay():
    graph = layer("CONV_2D")
    small = read_graph(
        write_graph(compress_weights(graph, QuantizationRequest(Scheme.FLOAT16, Io.FLOAT32)))
    )
    names = {tensor.name for tensor in small.main.tensors}
    assert {"x", "y", "weights", "weights/float16"} <= names
