"""Normalisations against onnxruntime, by known and computed numbers, in any order of the axes."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from edgekit.converters.lowering.errors import RefusedError

_RANDOM = np.random.default_rng(0)
_CONV = helper.make_node("Conv", ["x", "w"], ["h"])
_WEIGHTS = _RANDOM.standard_normal((4, 4, 1, 1)).astype(np.float32)


def _numbers(*shape):
    return _RANDOM.uniform(0.5, 1.5, shape).astype(np.float32)


def _typed(model, shape):
    """Say what the output is where ONNX infers nothing."""
    declared = helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)
    model.graph.output[0].CopyFrom(declared)
    return model


def _statistics():
    return {name: _numbers(4) for name in ("scale", "bias", "mean", "var")}


def test_batch_normalization_goes_into_the_convolution(lower, make_model):
    nodes = [
        _CONV,
        helper.make_node("BatchNormalization", ["h", "scale", "bias", "mean", "var"], ["n"]),
        helper.make_node("Relu", ["n"], ["y"]),
    ]
    model = make_model(nodes, {"x": (1, 4, 4, 4)}, ["y"], {"w": _WEIGHTS, **_statistics()})
    assert lower(model).kinds == ["CONV_2D"]


@pytest.mark.parametrize("shape", [(2, 4), (2, 4, 4), (2, 4, 4, 4), (1, 4, 2, 4, 4)])
@pytest.mark.parametrize("known", [True, False])
def test_batch_normalization(lower, make_model, shape, known):
    node = helper.make_node("BatchNormalization", ["x", "scale", "bias", "mean", "var"], ["y"])
    statistics = _statistics()
    inputs = {"x": np.ones(shape, np.float32), **({} if known else statistics)}
    model = make_model([node], inputs, ["y"], statistics if known else {})
    x = _RANDOM.standard_normal(shape).astype(np.float32)
    assert lower(model, samples=[{**inputs, "x": x}]).count("TRANSPOSE") == 0


def test_training_is_refused(lower, make_model):
    node = helper.make_node(
        "BatchNormalization",
        ["x", "scale", "bias", "mean", "var"],
        ["y", "m", "v"],
        training_mode=1,
    )
    with pytest.raises(RefusedError, match="training"):
        lower(make_model([node], {"x": (2, 4, 4, 4)}, ["y", "m", "v"], _statistics()))


@pytest.mark.parametrize("shape", [(2, 4, 4), (2, 4, 4, 4), (1, 4, 2, 4, 4)])
def test_instance_normalization(lower, make_model, shape):
    node = helper.make_node("InstanceNormalization", ["x", "s", "b"], ["y"], epsilon=1e-3)
    model = make_model([node], {"x": shape}, ["y"], {"s": _numbers(4), "b": _numbers(4)})
    assert lower(model, tolerance=1e-4).count("TRANSPOSE") == 0


@pytest.mark.parametrize("shape", [(2, 4, 4), (2, 4, 4, 4), (2, 4, 3, 5)])
@pytest.mark.parametrize("after_convolution", [True, False])
def test_group_normalization(lower, make_model, shape, after_convolution):
    node = helper.make_node(
        "GroupNormalization",
        ["h" if after_convolution else "x", "s", "b"],
        ["y"],
        num_groups=2,
    )
    constants = {"s": _numbers(4), "b": _numbers(4)}
    nodes = [node]
    if after_convolution:
        nodes = [_CONV, node]
        constants["w"] = _WEIGHTS.reshape((4, 4) + (1,) * (len(shape) - 2))
    model = _typed(make_model(nodes, {"x": shape}, ["y"], constants), shape)
    assert lower(model, tolerance=1e-4).count("TRANSPOSE") == 0


def test_computed_scales_of_groups(lower, make_model):
    node = helper.make_node("GroupNormalization", ["x", "s", "b"], ["y"], num_groups=2)
    shape = (2, 4, 4, 4)
    model = make_model([node], {"x": shape, "s": (4,), "b": (4,)}, ["y"])
    lower(_typed(model, shape), tolerance=1e-4)


@pytest.mark.parametrize("axis", [-1, 1, 2, -2])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("after_convolution", [True, False])
def test_layer_normalization(lower, make_model, axis, bias, after_convolution):
    shape = (2, 4, 4, 4)
    sizes = shape[axis:]
    constants = {"s": _numbers(*sizes), "w": _WEIGHTS}
    inputs = ["h" if after_convolution else "x", "s"]
    if bias:
        constants["b"] = _numbers(*sizes)
        inputs.append("b")
    node = helper.make_node("LayerNormalization", inputs, ["y"], axis=axis)
    nodes = [_CONV, node] if after_convolution else [node]
    if not after_convolution:
        del constants["w"]
    lowered = lower(make_model(nodes, {"x": shape}, ["y"], constants), tolerance=1e-4)
    assert lowered.count("TRANSPOSE") == 0


def test_statistics_of_layers(lower, make_model):
    node = helper.make_node("LayerNormalization", ["x", "s"], ["y", "mean", "inverse"])
    lower(make_model([node], {"x": (2, 4, 4)}, ["y", "mean", "inverse"], {"s": _numbers(4)}))


@pytest.mark.parametrize("axis", [-1, 1])
def test_rms_normalization(lower, make_model, axis):
    node = helper.make_node("RMSNormalization", ["x", "s"], ["y"], axis=axis)
    scale = _numbers(4) if axis == -1 else _numbers(4, 4)
    lower(make_model([node], {"x": (2, 4, 4)}, ["y"], {"s": scale}, opset=23))


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize("axis", [-1, 1])
def test_norms(lower, make_model, power, axis):
    x = _RANDOM.standard_normal((2, 4, 4)).astype(np.float32)
    x[0, 0] = x[:, :, 1] = 0.0
    node = helper.make_node("LpNormalization", ["x"], ["y"], p=power, axis=axis)
    lower(make_model([node], {"x": x}, ["y"]), samples=[{"x": x}])


@pytest.mark.parametrize("axes", [[0, 2, 3], [1], [-1, 2]])
def test_mean_and_variance(lower, make_model, axes):
    node = helper.make_node("MeanVarianceNormalization", ["x"], ["y"], axes=axes)
    lower(make_model([node], {"x": (2, 4, 4, 4)}, ["y"]), tolerance=1e-4)


@pytest.mark.parametrize("size", [1, 3, 5])
@pytest.mark.parametrize("beta", [0.5, 0.75, 1.0, 0.6])
def test_local_responses(lower, make_model, size, beta):
    node = helper.make_node("LRN", ["x"], ["y"], size=size, alpha=0.5, beta=beta, bias=1.5)
    assert lower(make_model([node], {"x": (2, 6, 4, 4)}, ["y"])).count("TRANSPOSE") == 0


def test_tokens_in_another_order_are_moved_once(lower, make_model):
    """A norm over the last axis, products behind it and the residual sum share one order."""
    generator = np.random.default_rng(0)
    weights = generator.standard_normal((8, 8)).astype(np.float32)
    nodes = [helper.make_node("Transpose", ["x"], ["t0"], perm=[2, 1, 0])]
    for index in range(3):
        nodes += [
            helper.make_node("LayerNormalization", [f"t{index}", "ones"], [f"n{index}"]),
            helper.make_node("MatMul", [f"n{index}", "w"], [f"m{index}"]),
            helper.make_node("Add", [f"t{index}", f"m{index}"], [f"t{index + 1}"]),
        ]
    constants = {"w": weights, "ones": np.ones(8, np.float32)}
    lowered = lower(make_model(nodes, {"x": (8, 8, 8)}, ["t3"], constants))
    assert lowered.count("TRANSPOSE") <= 1
