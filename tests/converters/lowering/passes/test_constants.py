"""Known terms and factors that vanish or become one."""

import numpy as np
import pytest
from onnx import helper

_RANDOM = np.random.default_rng(0)


def _numbers(*shape):
    return _RANDOM.uniform(0.5, 1.5, shape).astype(np.float32)


def _lower(lower, make_model, operators, constants):
    """Lower a chain of operators that each take one constant."""
    nodes = [helper.make_node("Tanh", ["x"], ["t"])]
    current = "t"
    for index, operator in enumerate(operators):
        last = index == len(operators) - 1
        nodes.append(
            helper.make_node(operator, [current, f"c{index}"], ["y" if last else f"h{index}"])
        )
        current = nodes[-1].output[0]
    nodes[-1].output[0] = "z"
    nodes.append(helper.make_node("Tanh", ["z"], ["y"]))
    named = {f"c{index}": np.asarray(value, np.float32) for index, value in enumerate(constants)}
    kinds = lower(make_model(nodes, {"x": (4, 4)}, ["y"], named)).kinds
    return [kind for kind in kinds if kind != "TANH"]


@pytest.mark.parametrize(
    ("operator", "value"), [("Add", 0.0), ("Sub", 0.0), ("Mul", 1.0), ("Div", 1.0)]
)
@pytest.mark.parametrize("shape", [(), (4,), (4, 4)])
def test_neutral(lower, make_model, operator, value, shape):
    assert _lower(lower, make_model, [operator], [np.full(shape, value)]) == []


def test_neutral_that_enlarges_stays(lower, make_model):
    nodes = [helper.make_node("Add", ["x", "c"], ["s"]), helper.make_node("Tanh", ["s"], ["y"])]
    model = make_model(nodes, {"x": (4,)}, ["y"], {"c": np.zeros((4, 4), np.float32)})
    assert "TANH" in lower(model).kinds


@pytest.mark.parametrize(
    ("operators", "expected"),
    [
        (["Mul", "Mul"], ["MUL"]),
        (["Add", "Add"], ["ADD"]),
        (["Mul", "Add", "Mul", "Add"], ["MUL", "ADD"]),
        (["Add", "Mul"], ["ADD", "MUL"]),
    ],
)
def test_merging(lower, make_model, operators, expected):
    values = [_numbers(4) for _ in operators]
    assert _lower(lower, make_model, operators, values) == expected


def test_merging_never_enlarges(lower, make_model):
    assert _lower(lower, make_model, ["Mul", "Mul"], [_numbers(4), _numbers(4, 1)]) == ["MUL"] * 2
