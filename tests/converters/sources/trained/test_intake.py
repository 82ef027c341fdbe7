"""A quantized ONNX model becomes a float one, with what it was quantized with beside it."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from edgekit.converters.parity.metrics import sqnr_db
from edgekit.converters.sources import open_source
from edgekit.converters.sources.trained import TrainedGridError


@pytest.fixture
def opened(quantized_models, tmp_path):
    """Save a model and open it."""

    def make(nodes, inputs, outputs, constants, opset=21):
        model = quantized_models.model(nodes, inputs, outputs, constants, opset=opset)
        onnx.checker.check_model(model)
        onnx.save(model, tmp_path / "net.onnx")
        return open_source(tmp_path / "net.onnx")

    return make


def kinds(source):
    return [node.op_type for node in onnx.load_from_string(source.content).graph.node]


def constants(source):
    graph = onnx.load_from_string(source.content).graph
    return {item.name: onnx.numpy_helper.to_array(item) for item in graph.initializer}


@pytest.mark.parametrize("form", ["QDQ", "QOperator"])
@pytest.mark.parametrize("activations", ["QInt8", "QUInt8"])
def test_the_float_graph_is_near_the_quantized_one(quantized_models, tmp_path, form, activations):
    path = quantized_models.quantize(tmp_path, form=form, activations=activations)
    source = open_source(path)
    assert not {kind for kind in kinds(source) if "Linear" in kind or kind.startswith("Q")}
    assert kinds(source).count("Relu") == 3  # the grids had swallowed them
    (picture,) = quantized_models.pictures(1, seed=9)
    quantized = source.reference.run({"x": picture})["scores"]
    real = source.float_reference.run({"x": picture})["scores"]
    given = onnx.load(tmp_path / "float.onnx").SerializeToString()
    floats = type(source.reference)(given).run({"x": picture})["scores"]
    assert not np.array_equal(quantized, real)
    assert sqnr_db(quantized, real) > 25
    assert sqnr_db(floats, real) > 35  # only the weights are rounded
    assert source.truth is source.float_reference
    assert "begin at zero" in source.notices[-1]


@pytest.mark.parametrize("opset", [13, 17, 19, 21, 23])
def test_every_opset_that_has_channels(opened, quantized_models, opset):
    nodes, values = quantized_models.pair("x", 0.05, 3)
    scale = np.array([0.01, 0.02], np.float32)
    codes = np.array([[1, -2, 3], [-127, 5, 127]], np.int8)
    values |= {"w": codes, "w.scale": scale, "w.point": np.zeros(2, np.int8)}
    nodes += [
        helper.make_node("DequantizeLinear", ["w", "w.scale", "w.point"], ["w.real"], axis=0),
        helper.make_node("Gemm", ["x.real", "w.real"], ["y"], transB=1),
    ]
    source = opened(nodes, {"x": [1, 3]}, {"y": [1, 2]}, values, opset)
    assert kinds(source) == ["Gemm"]
    np.testing.assert_array_equal(constants(source)["w"], codes * scale[:, None])
    assert source.trained["w"].scales == tuple(scale.tolist())
    assert source.trained["w"].axis == 0
    assert [item.tensor for item in source.findings] == ["x", "w"]


def test_opset_10_has_one_scale(opened, quantized_models):
    nodes, values = quantized_models.pair("x", 0.05, 3)
    source = opened(
        [*nodes, helper.make_node("Neg", ["x.real"], ["y"])], {"x": [3]}, {"y": [3]}, values, 10
    )
    assert source.trained["x"].zero_points == (3,)


@pytest.mark.parametrize(
    ("number", "low"), [(TensorProto.INT4, -8), (TensorProto.UINT4, 0)], ids=["int4", "uint4"]
)
def test_weights_of_four_bits(opened, quantized_models, number, low):
    codes = np.arange(low, low + 16).reshape(2, 8)
    nodes, values = quantized_models.pair("x", 0.05, 3)
    values["w"] = helper.make_tensor("w", number, codes.shape, codes.ravel().tolist())
    values["z"] = helper.make_tensor("z", number, [], [low + 3])
    values["s"] = np.float32(0.25)
    nodes += [
        helper.make_node("DequantizeLinear", ["w", "s", "z"], ["w.real"]),
        helper.make_node("Gemm", ["x.real", "w.real"], ["y"], transB=1),
    ]
    source = opened(nodes, {"x": [1, 8]}, {"y": [1, 2]}, values)
    np.testing.assert_array_equal(constants(source)["w"], (codes - low - 3) * np.float32(0.25))


def test_scales_of_blocks_are_applied_exactly(opened, quantized_models):
    codes = np.random.default_rng(0).integers(-127, 128, (6, 4)).astype(np.int8)
    scale = np.random.default_rng(1).random((3, 4)).astype(np.float32)
    nodes = [
        helper.make_node("DequantizeLinear", ["w", "s"], ["w.real"], axis=0, block_size=2),
        helper.make_node("MatMul", ["x", "w.real"], ["y"]),
    ]
    source = opened(nodes, {"x": [1, 6]}, {"y": [1, 4]}, {"w": codes, "s": scale})
    np.testing.assert_array_equal(constants(source)["w"], codes * np.repeat(scale, 2, 0))
    x = np.random.default_rng(2).standard_normal((1, 6)).astype(np.float32)
    quantized, real = (item.run({"x": x})["y"] for item in (source.reference, source.truth))
    np.testing.assert_allclose(quantized, real, rtol=1e-5)
    (found,) = source.findings
    assert found.figures["block_size"] == 2


def test_float_weights_that_are_quantized_in_the_graph(opened, quantized_models):
    """As fake-quantized torch modules are exported; a transposition keeps the grid."""
    weights = np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32)
    nodes, values = quantized_models.pair("x", 0.05, 3)
    scale = np.full(5, 0.02, np.float32)
    values |= {"w": weights, "s": scale, "z": np.zeros(5, np.int8)}
    nodes += [
        helper.make_node("QuantizeLinear", ["w", "s", "z"], ["wq"], axis=0),
        helper.make_node("DequantizeLinear", ["wq", "s", "z"], ["wr"], axis=0),
        helper.make_node("Transpose", ["wr"], ["wt"], perm=[1, 0]),
        helper.make_node("MatMul", ["x.real", "wt"], ["y"]),
    ]
    source = opened(nodes, {"x": [1, 3]}, {"y": [1, 5]}, values)
    assert kinds(source) == ["MatMul"]
    codes = np.clip(np.rint(weights / np.float32(0.02)), -128, 127)
    np.testing.assert_array_equal(constants(source)["w"], (codes * np.float32(0.02)).T)
    assert source.trained["w"].axis == 1


def test_weights_that_are_read_as_floats_too_stay_floats(opened, quantized_models):
    weights = np.random.default_rng(0).standard_normal((3, 3)).astype(np.float32)
    nodes, values = quantized_models.pair("w", 0.02, 0)
    nodes += [
        helper.make_node("MatMul", ["x", "w.real"], ["a"]),
        helper.make_node("MatMul", ["x", "w"], ["b"]),
        helper.make_node("Sub", ["a", "b"], ["y"]),
    ]
    source = opened(nodes, {"x": [1, 3]}, {"y": [1, 3]}, values | {"w": weights})
    np.testing.assert_array_equal(constants(source)["w"], weights)
    x = np.eye(3, dtype=np.float32)[:1]
    quantized, real = (item.run({"x": x})["y"] for item in (source.reference, source.truth))
    np.testing.assert_array_equal(quantized, real)


def test_weights_that_are_read_in_two_orders(opened):
    codes = np.arange(-4, 5, dtype=np.int8).reshape(3, 3)
    values = {"w": codes, "s": np.float32(0.5)}
    nodes = [
        helper.make_node("DequantizeLinear", ["w", "s"], ["first"]),
        helper.make_node("Transpose", ["first"], ["turned"]),
        helper.make_node("DequantizeLinear", ["w", "s"], ["second"]),
        helper.make_node("MatMul", ["x", "turned"], ["a"]),
        helper.make_node("MatMul", ["a", "second"], ["y"]),
    ]
    source = opened(nodes, {"x": [1, 3]}, {"y": [1, 3]}, values)
    np.testing.assert_array_equal(constants(source)["w"], codes * np.float32(0.5))
    np.testing.assert_array_equal(constants(source)["turned"], codes.T * np.float32(0.5))


def test_two_grids_of_one_tensor(opened, quantized_models):
    first, values = quantized_models.pair("x", 0.05, 3, result="a")
    others = {"s": np.float32(0.2), "z": np.int8(-7)}
    nodes = [
        *first,
        helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q2"]),
        helper.make_node("DequantizeLinear", ["q2", "s", "z"], ["b"]),
        helper.make_node("Add", ["a", "b"], ["y"]),
    ]
    source = opened(nodes, {"x": [4]}, {"y": [4]}, values | others)
    assert "x" not in source.trained  # either grid may saturate what the other holds
    assert source.trained["x.q"].zero_points == (3,)
    assert source.trained["q2"].zero_points == (-7,)


def test_outputs_keep_their_names(opened, quantized_models):
    nodes, values = quantized_models.pair("h", 0.05, 3, result="y")
    nodes = [helper.make_node("Neg", ["x"], ["h"]), *nodes]
    source = opened(nodes, {"x": [4]}, {"y": [4]}, values)
    assert [item.name for item in source.outputs] == ["y"]
    assert "y" in source.trained
    assert [item.tensor for item in source.findings] == ["y"]


def test_moves_between_the_two_are_moves_of_floats(opened, quantized_models):
    nodes, values = quantized_models.pair("x", 0.05, 3)
    nodes[1].input[0] = "moved"
    nodes.insert(1, helper.make_node("Transpose", ["x.q"], ["moved"], perm=[1, 0]))
    nodes.append(helper.make_node("Neg", ["x.real"], ["y"]))
    source = opened(nodes, {"x": [2, 3]}, {"y": [3, 2]}, values)
    assert kinds(source) == ["Transpose", "Neg"]
    assert source.trained["x"] == source.trained["moved"]


def test_a_relu6_in_a_grid(opened, quantized_models):
    nodes, values = quantized_models.pair("h", np.float32(6 / 255), -128)
    nodes = [
        helper.make_node("Mul", ["x", "x"], ["m"]),
        helper.make_node("Sub", ["m", "x"], ["h"]),
        *nodes,
        helper.make_node("Neg", ["h.real"], ["y"]),
    ]
    source = opened(nodes, {"x": [4]}, {"y": [4]}, values)
    assert kinds(source) == ["Mul", "Sub", "Clip", "Neg"]
    x = np.array([-9, 0.5, 1, 2], np.float32)
    np.testing.assert_allclose(source.float_reference.run({"x": x})["y"], [-6, 0, 0, -2])


@pytest.mark.parametrize("opset", [10, 13])
def test_a_relu6_in_a_grid_behind_a_wider_clip(opened, quantized_models, opset):
    nodes, values = quantized_models.pair("h", np.float32(6 / 255), -128, result="y")
    ends = {"min": -1.0, "max": 20.0}
    clip = helper.make_node("Clip", ["x"], ["h"], **ends)
    if opset > 10:
        values |= {name: np.float32(value) for name, value in ends.items()}
        clip = helper.make_node("Clip", ["x", *ends], ["h"])
    source = opened([clip, *nodes], {"x": [3]}, {"y": [3]}, values, opset)
    x = np.array([-9, 0.5, 9], np.float32)
    np.testing.assert_allclose(source.float_reference.run({"x": x})["y"], [0, 0.5, 6])


def test_dynamic_quantization_keeps_the_weights(opened):
    codes = np.random.default_rng(0).integers(-127, 128, (3, 5)).astype(np.int8)
    values = {"w": codes, "wz": np.int8(0), "ws": np.float32(0.02)}
    nodes = [
        helper.make_node("DynamicQuantizeLinear", ["x"], ["q", "s", "z"]),
        helper.make_node("MatMulInteger", ["q", "w", "z", "wz"], ["i"], "product"),
        helper.make_node("Cast", ["i"], ["f"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["s", "ws"], ["scales"]),
        helper.make_node("Mul", ["f", "scales"], ["y"]),
    ]
    source = opened(nodes, {"x": [2, 3]}, {"y": [2, 5]}, values)
    assert kinds(source) == ["MatMul"]
    np.testing.assert_array_equal(constants(source)["w"], codes * np.float32(0.02))
    x = np.random.default_rng(1).standard_normal((2, 3)).astype(np.float32)
    quantized, real = (item.run({"x": x})["y"] for item in (source.reference, source.truth))
    assert sqnr_db(quantized, real) > 30


def test_convolutions_of_integers(opened):
    codes = np.random.default_rng(0).integers(0, 256, (4, 3, 3, 3)).astype(np.uint8)
    values = {"w": codes, "wz": np.uint8(120), "ws": np.float32(0.02)}
    nodes = [
        helper.make_node("DynamicQuantizeLinear", ["x"], ["q", "s", "z"]),
        helper.make_node("ConvInteger", ["q", "w", "z", "wz"], ["i"], "conv", pads=[1, 1, 1, 1]),
        helper.make_node("Cast", ["i"], ["f"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["ws", "s"], ["scales"]),
        helper.make_node("Mul", ["scales", "f"], ["y"]),
    ]
    source = opened(nodes, {"x": [1, 3, 6, 6]}, {"y": [1, 4, 6, 6]}, values)
    assert kinds(source) == ["Conv"]
    x = np.random.default_rng(1).standard_normal((1, 3, 6, 6)).astype(np.float32)
    quantized, real = (item.run({"x": x})["y"] for item in (source.reference, source.truth))
    assert sqnr_db(quantized, real) > 30


def test_a_transposed_product_of_integers_takes_its_columns(opened, quantized_models):
    nodes, values = quantized_models.pair("x", 0.05, 3)
    codes = np.random.default_rng(0).integers(-127, 128, (3, 5)).astype(np.int8)
    scales = np.linspace(0.01, 0.05, 5, dtype=np.float32)
    values |= {"w": codes, "ws": scales, "wz": np.zeros(5, np.int8)}
    values |= {"s": np.float32(0.3), "z": np.int8(4)}
    inputs = ["x.q", "x.scale", "x.point", "w", "ws", "wz", "s", "z"]
    nodes = [
        nodes[0],
        helper.make_node("QLinearMatMul", inputs, ["q"], "product"),
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["y"]),
    ]
    source = opened(nodes, {"x": [2, 3]}, {"y": [2, 5]}, values)
    np.testing.assert_array_equal(constants(source)["w"], codes * scales)
    assert source.trained["y"].zero_points == (4,)


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        ([("Cast", ["x.q"], ["y"], {"to": TensorProto.FLOAT})], "'cast': it computes on the int"),
        ([("DequantizeLinear", ["x.q", "s", "x.point"], ["y"], {})], "read on another grid"),
        ([("Identity", ["x.q"], ["y"], {})], "output 'y' is integers"),
    ],
    ids=["computing", "another grid", "output"],
)
def test_what_has_no_float_form_is_refused(quantized_models, tmp_path, nodes, said):
    given, values = quantized_models.pair("x", 0.05, 3)
    made = [helper.make_node(k, i, o, k.lower(), **more) for k, i, o, more in nodes]
    model = quantized_models.model(
        [given[0], *made], {"x": [4]}, {"y": [4]}, values | {"s": np.float32(0.1)}
    )
    if nodes[0][0] == "Identity":
        model.graph.output[0].type.tensor_type.elem_type = TensorProto.INT8
    onnx.save(model, tmp_path / "net.onnx")
    with pytest.raises(TrainedGridError, match=said) as caught:
        open_source(tmp_path / "net.onnx")
    assert caught.value.hint


@pytest.mark.parametrize(("inside", "said"), [(False, "which has a grid"), (True, "a Quant")])
def test_grids_and_bodies_do_not_go_together(quantized_models, tmp_path, inside, said):
    nodes, values = quantized_models.pair("x", 0.05, 3)
    real = nodes[-1].output[0]

    def branch(name, kind):
        inner = [helper.make_node(kind, ["x" if inside else real], [name])]
        if inside:
            more, grids = quantized_models.pair(name, 0.05, 3)
            inner += more
            values.update(grids)
        given = helper.make_tensor_value_info(inner[-1].output[0], TensorProto.FLOAT, [1, 4])
        return helper.make_graph(inner, name, [], [given])

    nodes += [
        helper.make_node("ReduceMax", [real], ["most"], keepdims=0),
        helper.make_node("Cast", ["most"], ["chosen"], to=TensorProto.BOOL),
        helper.make_node(
            "If",
            ["chosen"],
            ["y"],
            name="choice",
            then_branch=branch("a", "Abs"),
            else_branch=branch("b", "Neg"),
        ),
    ]
    model = quantized_models.model(nodes, {"x": (1, 4)}, {"y": (1, 4)}, values)
    onnx.save(model, tmp_path / "net.onnx")
    with pytest.raises(TrainedGridError, match=said) as caught:
        open_source(tmp_path / "net.onnx")
    assert "If 'choice': its body holds" in caught.value.message
