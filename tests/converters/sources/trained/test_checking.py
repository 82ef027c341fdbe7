"""Wrong quantization is refused by the node's name, and nothing is written."""

import numpy as np
import onnx
import pytest
from click.testing import CliRunner
from onnx import helper

from edgekit.cli.main import cli
from edgekit.converters.sources import open_source
from edgekit.converters.sources.trained import TrainedGridError

SHAPES = {"x": [1, 3, 8, 8]}, {"y": [1, 4, 6, 6]}


def quantized(quantized_models, *, step=0.05, weight=None, axis=0):
    """Return a convolution of which the input and the weights are quantized."""
    nodes, constants = quantized_models.pair("x", step, 3)
    scale, point = weight or (np.full(4, 0.01, np.float32), np.zeros(4, np.int8))
    codes = np.random.default_rng(0).integers(-127, 128, (4, 3, 3, 3)).astype(np.int8)
    constants |= {"w": codes, "w.scale": scale, "w.point": point}
    nodes.append(
        helper.make_node(
            "DequantizeLinear", ["w", "w.scale", "w.point"], ["w.real"], "weights", axis=axis
        )
    )
    nodes.append(helper.make_node("Conv", ["x.real", "w.real"], ["y"], "conv"))
    return quantized_models.model(nodes, *SHAPES, constants)


@pytest.mark.parametrize(
    ("scale", "said"),
    [(0.0, "scale is 0.0"), (-0.5, "scale is -0.5"), (np.nan, "is nan"), (np.inf, "is inf")],
)
def test_scales_that_are_no_positive_numbers(quantized_models, tmp_path, scale, said):
    path = tmp_path / "net.onnx"
    onnx.save(quantized(quantized_models, step=scale), path)
    with pytest.raises(TrainedGridError, match=said) as caught:
        open_source(path)
    assert "QuantizeLinear 'x.quantize'" in str(caught.value)
    assert "quantize the model again" in caught.value.hint


def test_a_wrong_scale_writes_nothing(quantized_models, tmp_path):
    path, output = tmp_path / "net.onnx", tmp_path / "net.edgekit"
    onnx.save(quantized(quantized_models, step=0.0), path)
    result = CliRunner().invoke(cli, ["build", str(path), "-o", str(output)])
    assert result.exit_code == 1
    assert "x.quantize" in str(result.exception)
    assert not output.exists()


@pytest.mark.parametrize(
    ("weight", "axis", "said"),
    [
        ((np.full(3, 0.01, np.float32), np.zeros(3, np.int8)), 0, "3 scales along axis 0"),
        ((np.full(4, 0.01, np.float32), np.zeros(4, np.int8)), 1, "4 scales along axis 1"),
        ((np.full(4, 0.01, np.float32), np.zeros(4, np.int8)), 7, "axis 7 is not one of"),
        ((np.full(4, 0.01, np.float32), np.zeros(3, np.int8)), 0, "4 scales and 3 zero points"),
        ((np.full(4, 0.01, np.float32), np.zeros(4, np.uint8)), 0, "zero point is uint8"),
        ((np.full(4, 0.01, np.float32), np.full(4, 300, np.int32)), 0, "zero point is int32"),
        ((np.array([1, 0, 1, 1], np.float32), np.zeros(4, np.int8)), 0, "scale is 0.0"),
    ],
)
def test_weights_whose_parameters_do_not_fit(quantized_models, tmp_path, weight, axis, said):
    path = tmp_path / "net.onnx"
    onnx.save(quantized(quantized_models, weight=weight, axis=axis), path)
    with pytest.raises(TrainedGridError, match=said) as caught:
        open_source(path)
    assert "DequantizeLinear 'weights'" in str(caught.value)
    assert caught.value.hint


def test_zero_points_out_of_range(quantized_models, tmp_path):
    nodes, constants = quantized_models.pair("x", 0.05, 3)
    names = {"q.scale": np.float32(0.1), "q.point": np.int32(999)}
    nodes.append(helper.make_node("QLinearAdd", ["x.q"] * 8, ["y"], "sum", domain="com.microsoft"))
    nodes[-1].input[:] = ["x.q", "x.scale", "x.point"] * 2 + list(names)
    model = quantized_models.model(nodes, {"x": [4]}, {"y": [4]}, {**constants, **names})
    onnx.save(model, tmp_path / "net.onnx")
    with pytest.raises(TrainedGridError, match="QLinearAdd 'sum': its zero point 999 is int32"):
        open_source(tmp_path / "net.onnx")


def test_the_zero_point_of_a_bias_is_zero(quantized_models, tmp_path):
    values = {"b": np.arange(4, dtype=np.int32), "s": np.float32(0.1), "z": np.int32(2)}
    nodes = [
        helper.make_node("DequantizeLinear", ["b", "s", "z"], ["r"], "bias"),
        helper.make_node("Add", ["x", "r"], ["y"]),
    ]
    onnx.save(quantized_models.model(nodes, {"x": [4]}, {"y": [4]}, values), tmp_path / "net.onnx")
    with pytest.raises(TrainedGridError, match="'bias': its zero point 2 is int32"):
        open_source(tmp_path / "net.onnx")


def test_a_missing_zero_point_is_uint8_and_zero(quantized_models, tmp_path):
    """As ONNX has it: QuantizeLinear without a zero point writes uint8."""
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "s"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "s"], ["r"]),
        helper.make_node("Neg", ["r"], ["y"]),
    ]
    model = quantized_models.model(nodes, {"x": [1, 4]}, {"y": [1, 4]}, {"s": np.float32(0.1)})
    onnx.save(model, tmp_path / "net.onnx")
    source = open_source(tmp_path / "net.onnx")
    grid = source.trained["x"]
    assert (grid.dtype, grid.zero_points) == ("uint8", (0,))


def test_computed_scales_are_refused(quantized_models, tmp_path):
    nodes = [
        helper.make_node("ReduceMax", ["x"], ["s"], keepdims=0),
        helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"], "dynamic"),
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["y"]),
    ]
    model = quantized_models.model(nodes, {"x": [4]}, {"y": [4]}, {"z": np.int8(0)})
    onnx.save(model, tmp_path / "net.onnx")
    with pytest.raises(TrainedGridError, match=r"'dynamic': its scale .* is computed"):
        open_source(tmp_path / "net.onnx")
