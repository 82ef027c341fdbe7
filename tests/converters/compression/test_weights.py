"""Which constants of a source count as weights, and along which axis their channels lie."""

import numpy as np
import pytest
from onnx import TensorProto

from edgekit.converters.compression.weights import examined
from edgekit.converters.graph import DataType, write_graph
from edgekit.converters.graph.builder import GraphBuilder, Value
from edgekit.converters.sources import open_source

RANDOM = np.random.default_rng(0)


@pytest.fixture
def opened(small_models, open_onnx):
    """Open a model ``x -> y`` whose output sizes nobody declares."""

    def make(nodes, shape, constants, element=TensorProto.FLOAT):
        rank = len(shape) + (element == TensorProto.INT64)  # rows instead of ids
        outputs = [("y", [None] * rank)]
        model = small_models.onnx_model(nodes, [("x", shape, element)], outputs, constants)
        return open_onnx(model)

    return make


def floats(*shape):
    return RANDOM.standard_normal(shape).astype(np.float32)


CASES = {
    "Conv": (floats(6, 4, 3, 3), (1, 4, 8, 8), {}, "x w", 0),
    "ConvTranspose": (floats(4, 6, 3, 3), (1, 4, 8, 8), {}, "x w", 1),
    "Gemm": (floats(4, 6), (2, 4), {}, "x w", 1),
    "Gemm of a transposed": (floats(6, 4), (2, 4), {"transB": 1}, "x w", 0),
    "MatMul": (floats(4, 6), (2, 4), {}, "x w", 1),
    "MatMul on the left": (floats(6, 4), (4, 3), {}, "w x", 0),
}


@pytest.mark.parametrize("case", CASES)
def test_weights_of_an_operator(case, opened, small_models):
    weights, shape, attributes, inputs, axis = CASES[case]
    node = small_models.node(case.split()[0], inputs, "y", name="node", **attributes)
    (weight,) = examined(opened([node], shape, {"w": weights})).weights
    assert (weight.name, weight.node) == ("w", f"{case.split()[0]} 'node'")
    assert weight.channel_axis == axis
    np.testing.assert_array_equal(weight.values, weights)
    assert weight.rows.shape == (weights.shape[axis], weights.size // weights.shape[axis])
    np.testing.assert_array_equal(weight.rows[1], np.take(weights, 1, axis).reshape(-1))


def test_tables_that_rows_are_looked_up_in(opened, small_models):
    gather = small_models.node("Gather", "t x", "y")
    (weight,) = examined(opened([gather], (1, 5), {"t": floats(30, 8)}, TensorProto.INT64)).weights
    assert (weight.name, weight.operator, weight.channel_axis) == ("t", "Gather", 0)


def test_a_product_of_constants_is_one_weight_that_is_found_once(opened, small_models):
    """A lottery ticket keeps a frozen constant and a mask, and two layers may share it."""
    mask, frozen = (RANDOM.random((4, 4)) < 0.5).astype(np.float32), floats(4, 4)
    nodes = [
        small_models.node("Mul", "frozen mask", "ticket"),
        small_models.node("MatMul", "x ticket", "h", name="first"),
        small_models.node("MatMul", "h ticket", "y", name="second"),
    ]
    (weight,) = examined(opened(nodes, (2, 4), {"frozen": frozen, "mask": mask})).weights
    assert (weight.name, weight.node) == ("ticket", "MatMul 'first'")
    np.testing.assert_array_equal(weight.values, frozen * mask)


def test_few_numbers_are_no_weights(opened, small_models):
    source = opened([small_models.node("MatMul", "x w", "y")], (1, 2), {"w": floats(2, 2)})
    assert examined(source).weights == ()


@pytest.mark.parametrize("constant", [np.eye(8), np.tril(np.ones((8, 8))), np.ones((8, 8))])
def test_what_only_chooses_is_no_weight(opened, small_models, constant):
    nodes = [small_models.node("MatMul", "x w", "y")]
    source = opened(nodes, (1, 8), {"w": constant.astype(np.float32)})
    assert examined(source).weights == ()


def test_weights_of_a_tflite_model(tmp_path):
    builder = GraphBuilder()
    x = Value("x", (1, 4), DataType.FLOAT32)
    weights = floats(5, 4)
    builder.inputs = [x]
    inputs = [x, builder.constant(weights, "w"), None]
    builder.outputs = [builder.emit("FULLY_CONNECTED", inputs, (1, 5), name="y")]
    path = tmp_path / "net.tflite"
    path.write_bytes(write_graph(builder.finish()))
    given = examined(open_source(path))
    assert given.graph is None
    (weight,) = given.weights
    assert (weight.name, weight.node, weight.channel_axis) == ("w", "FULLY_CONNECTED 'y'", 0)
    np.testing.assert_array_equal(weight.values, weights)
