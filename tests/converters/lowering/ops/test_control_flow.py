"""An If with a constant condition is one branch; one with a computed condition is refused."""

import numpy as np
import pytest
from onnx import TensorProto, helper

from edgekit.converters.lowering import RefusedError


def branching(make_model, condition_nodes, constants):
    branches = {
        name: helper.make_graph(
            [helper.make_node(kind, ["x"], ["h"]), helper.make_node(kind, ["h"], ["chosen"])],
            name,
            [],
            [helper.make_tensor_value_info("chosen", TensorProto.FLOAT, [2, 3])],
        )
        for name, kind in (("then_branch", "Sin"), ("else_branch", "Cos"))
    }
    nodes = [*condition_nodes, helper.make_node("If", ["condition"], ["y"], **branches)]
    return make_model(nodes, {"x": (2, 3)}, ["y"], constants)


@pytest.mark.parametrize(("condition", "kept"), [(True, "SIN"), (False, "COS")])
def test_a_constant_condition_keeps_one_branch(lower, make_model, condition, kept):
    model = branching(make_model, [], {"condition": np.array(condition)})
    assert lower(model).kinds == [kept, kept]


def test_a_condition_on_the_shape_is_constant(lower, make_model):
    nodes = [
        helper.make_node("Shape", ["x"], ["shape"]),
        helper.make_node("Gather", ["shape", "last"], ["width"]),
        helper.make_node("Equal", ["width", "three"], ["condition"]),
    ]
    constants = {"last": np.array(1, np.int64), "three": np.array(3, np.int64)}
    assert lower(branching(make_model, nodes, constants)).kinds == ["SIN", "SIN"]


def test_a_computed_condition_is_refused(lower, make_model):
    nodes = [
        helper.make_node("ReduceSum", ["x"], ["sum"], keepdims=0),
        helper.make_node("Greater", ["sum", "zero"], ["condition"]),
    ]
    with pytest.raises(RefusedError, match="its condition is computed") as caught:
        lower(branching(make_model, nodes, {"zero": np.array(0, np.float32)}))
    assert "Where" in caught.value.hint
