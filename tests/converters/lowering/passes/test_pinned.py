"""What has a trained grid stays a tensor of its own through every pass."""

import numpy as np
import onnx
import pytest
from onnx import helper

from edgekit.converters.lowering import lower_source
from edgekit.converters.sources import open_source


@pytest.fixture
def lowered(quantized_models, tmp_path):
    def make(nodes, constants, shape):
        model = quantized_models.model(nodes, {"x": shape}, {"y": shape}, constants)
        onnx.save(model, tmp_path / "net.onnx")
        graph = lower_source(open_source(tmp_path / "net.onnx"))
        return [item.kind for item in graph.graph.main.operators], graph.links.values()

    return make


def chain(quantized_models, steps):
    """Return nodes in a row, a pair of quantizers behind each but the last."""
    nodes, constants, before = [], {}, "x"
    for place, (kind, *others) in enumerate(steps):
        result = "y" if place == len(steps) - 1 else f"t{place}"
        nodes.append(helper.make_node(kind, [before, *others], [result], f"n{place}"))
        if result != "y":
            more, values = quantized_models.pair(result, 0.1, 3)
            nodes, constants, before = nodes + more, constants | values, f"{result}.real"
    return nodes, constants


def test_an_activation_behind_a_grid_is_not_fused(lowered, quantized_models):
    nodes, constants = chain(quantized_models, [("Conv", "w"), ("Relu",)])
    weights = np.random.default_rng(0).standard_normal((3, 3, 1, 1)).astype(np.float32)
    kinds, links = lowered(nodes, constants | {"w": weights}, [1, 3, 4, 4])
    assert [kind for kind in kinds if kind not in ("RESHAPE", "TRANSPOSE")] == ["CONV_2D", "RELU"]
    assert "t0" in {link.name for link in links}


def test_a_factor_behind_a_grid_is_not_folded(lowered, quantized_models):
    nodes, constants = chain(quantized_models, [("MatMul", "w"), ("Mul", "f"), ("Add", "f")])
    weights = np.random.default_rng(0).standard_normal((4, 4)).astype(np.float32)
    kinds, _ = lowered(nodes, constants | {"w": weights, "f": np.full(4, 3, np.float32)}, [1, 4])
    assert kinds == ["FULLY_CONNECTED", "MUL", "ADD"]


def test_neutral_terms_with_a_grid_stay(lowered, quantized_models):
    nodes, constants = chain(quantized_models, [("Add", "zero"), ("Neg",)])
    kinds, _ = lowered(nodes, constants | {"zero": np.zeros(4, np.float32)}, [1, 4])
    assert kinds == ["ADD", "NEG"]


def test_a_square_of_a_difference_with_a_grid_stays_a_product(lowered, quantized_models):
    pair, constants = quantized_models.pair("d", 0.1, 3)
    nodes = [
        helper.make_node("Sub", ["x", "c"], ["d"]),
        *pair,
        helper.make_node("Mul", ["d.real", "d.real"], ["y"]),
    ]
    kinds, _ = lowered(nodes, constants | {"c": np.arange(4, dtype=np.float32)}, [1, 4])
    assert kinds == ["SUB", "MUL"]


def test_a_gelu_with_a_grid_inside_is_not_recognised(lowered, quantized_models):
    pair, constants = quantized_models.pair("e", 0.01, 0)
    nodes = [
        helper.make_node("Div", ["x", "root"], ["s"]),
        helper.make_node("Erf", ["s"], ["e"]),
        *pair,
        helper.make_node("Add", ["e.real", "one"], ["p"]),
        helper.make_node("Mul", ["x", "p"], ["m"]),
        helper.make_node("Mul", ["m", "half"], ["y"]),
    ]
    numbers = {"root": np.float32(2**0.5), "one": np.float32(1), "half": np.float32(0.5)}
    kinds, links = lowered(nodes, constants | numbers, [1, 4])
    assert kinds != ["GELU"]
    assert "e" in {link.name for link in links}
