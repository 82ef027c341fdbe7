"""Operators that int16 has no kernels for, written with those that it has."""

import numpy as np
import pytest
from onnx import helper

from edgekit.bundle.manifest import Scheme

SHAPE = (1, 4, 6, 6)
SLOPES = np.array([-0.5, 0.1, 0.3, 2.0], np.float32).reshape(4, 1, 1)


def node(kind, inputs=("x",), outputs=("y",), **attributes):
    return helper.make_node(kind, list(inputs), list(outputs), name=f"n_{outputs[0]}", **attributes)


CASES = {
    "HardSwish": ([node("HardSwish")], {}),
    "Elu": ([node("Elu")], {}),
    "PRelu": ([node("PRelu", ("x", "slopes"))], {"slopes": SLOPES}),
    "Square": ([node("Mul", ("x", "x"))], {}),
    "Variance": (
        [
            node("ReduceMean", ("x", "axes"), ("mean",)),
            node("Sub", ("x", "mean"), ("d",)),
            node("Pow", ("d", "two"), ("squares",)),
            node("ReduceMean", ("squares", "axes")),
        ],
        {"axes": np.array([1]), "two": np.float32(2)},
    ),
    "Clip": (
        [node("Clip", ("x", "zero", "one"))],
        {"zero": np.float32(0), "one": np.float32(1)},
    ),
    "DepthToSpace": ([node("DepthToSpace", blocksize=2)], {}),
    "SpaceToDepth": ([node("SpaceToDepth", blocksize=2)], {}),
    "Quotient": (
        [node("Abs", outputs=("a",)), node("Add", ("a", "one"), ("b",)), node("Div", ("x", "b"))],
        {"one": np.float32(1)},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_int16_is_far_finer_than_int8(quantized, model_of, name):
    nodes, constants = CASES[name]
    model = model_of(nodes, {"x": SHAPE}, ["y"], constants)

    result = quantized(
        model,
        lambda generator: {"x": 2 * generator.standard_normal(SHAPE).astype(np.float32)},
        scheme=Scheme.INT16X8,
    )

    assert result.violations == ()
    assert result.worst() > 70


@pytest.mark.parametrize("kind", ["Greater", "Less"])
def test_comparisons_have_one_scale_on_both_sides(quantized, model_of, kind):
    """LiteRT compares int16 as it is, whatever the scales."""
    model = model_of([node(kind, ("x", "c"))], {"x": SHAPE}, ["y"], {"c": np.float32(0.1)})

    result = quantized(
        model,
        lambda generator: {"x": generator.choice([-2.0, 0.0, 0.2, 3.0], SHAPE).astype(np.float32)},
        scheme=Scheme.INT16X8,
    )

    assert result.largest_error == 0


def test_the_place_of_the_largest(quantized, model_of):
    model = model_of([node("ArgMax", axis=1)], {"x": SHAPE}, ["y"])

    def apart(generator):
        return {"x": generator.permuted(np.tile([[[[1.0]], [[2]], [[4]], [[-3]]]], (1, 1, 6, 6)),
                                        axis=1).astype(np.float32)}  # fmt: skip

    result = quantized(model, apart, scheme=Scheme.INT16X8)

    assert result.largest_error == 0
