"""Masks that are computed while the model runs hide what they hide, in integers too."""

import numpy as np
import pytest
from onnx import TensorProto, helper

LENGTH = 8
LOWEST = float(np.finfo(np.float32).min)


def node(kind, inputs, output, **attributes):
    return helper.make_node(kind, inputs, [output], **attributes)


def chosen(hidden):
    """A mask of zeros and a low number, added: torch's scaled_dot_product_attention."""
    return [
        node("Cast", ["valid"], "open", to=TensorProto.BOOL),
        node("Where", ["open", "zero", "low"], "mask"),
        node("Add", ["x", "mask"], "masked"),
    ], {"zero": np.zeros((), np.float32), "low": np.array(hidden, np.float32)}


def multiplied(hidden):
    """``(1 - valid) * low``, added: BERT."""
    return [
        node("Cast", ["valid"], "number", to=TensorProto.FLOAT),
        node("Sub", ["one", "number"], "closed"),
        node("Mul", ["closed", "low"], "mask"),
        node("Add", ["x", "mask"], "masked"),
    ], {"one": np.ones((), np.float32), "low": np.array(hidden, np.float32)}


def replaced(hidden):
    """Scores replaced where they are hidden: masked_fill."""
    return [
        node("Cast", ["valid"], "open", to=TensorProto.BOOL),
        node("Where", ["open", "x", "low"], "masked"),
    ], {"low": np.array(hidden, np.float32)}


def limited(hidden):
    """A mask that is added and then kept above the lowest float."""
    nodes, constants = chosen(hidden)
    nodes[-1].output[0] = "sum"
    return [*nodes, node("Max", ["sum", "limit"], "masked")], {
        **constants,
        "limit": np.array(LOWEST, np.float32),
    }


FORMS = [
    (chosen, -np.inf),
    (chosen, LOWEST),
    (multiplied, LOWEST),
    (multiplied, -10000.0),
    (replaced, LOWEST),
    (replaced, -10000.0),
    (limited, LOWEST),
]


def sample_of(first_open, deviation=2.0):
    """Draw scores, and which of the keys may be attended."""

    def sample(generator):
        valid = generator.integers(0, 2, (1, 1, LENGTH))
        valid[..., 0] = first_open
        scores = generator.normal(0.0, deviation, (2, LENGTH, LENGTH)).astype(np.float32)
        return {"x": scores, "valid": valid}

    return sample


def attention(form, hidden, guarded=False):
    nodes, constants = form(hidden)
    nodes.append(node("Softmax", ["masked"], "y" if not guarded else "weights", axis=-1))
    if guarded:
        nodes += [
            node("IsNaN", ["weights"], "nowhere"),
            node("Where", ["nowhere", "nothing", "weights"], "y"),
        ]
        constants["nothing"] = np.zeros((), np.float32)
    inputs = {"x": (2, LENGTH, LENGTH), "valid": ((1, 1, LENGTH), "int64")}
    return nodes, inputs, ["y"], constants


@pytest.mark.parametrize(("form", "hidden"), FORMS)
def test_every_form_of_a_computed_mask(quantized, model_of, form, hidden):
    result = quantized(model_of(*attention(form, hidden)), sample_of(1))
    assert not result.violations
    assert result.worst() > 32


@pytest.mark.parametrize(("deviation", "least_db"), [(2.0, 32), (100.0, 10)])
def test_rows_of_which_everything_is_hidden_stay_zero(quantized, model_of, deviation, least_db):
    model = model_of(*attention(chosen, -np.inf, guarded=True))
    result = quantized(model, sample_of(0, deviation), count=64)
    assert not result.violations
    assert result.worst() > least_db  # a step of scores is more than one at the large deviation
    assert "NOT_EQUAL" not in result.kinds


def test_a_guard_without_a_mask_is_taken_away(quantized, model_of):
    nodes = [
        node("Softmax", ["x"], "weights", axis=-1),
        node("IsNaN", ["weights"], "nowhere"),
        node("Where", ["nowhere", "zero", "weights"], "y"),
    ]
    constants = {"zero": np.zeros((), np.float32)}
    model = model_of(nodes, {"x": (1, 4, 6)}, ["y"], constants)
    result = quantized(model, lambda g: {"x": g.standard_normal((1, 4, 6)).astype(np.float32)})
    assert result.kinds == ["SOFTMAX"]
    assert result.worst() > 35


def test_one_mask_serves_layers_with_scores_of_other_ranges(quantized, model_of):
    nodes, constants = chosen(-np.inf)
    nodes += [
        node("Softmax", ["masked"], "first", axis=-1),
        node("Mul", ["x", "ten"], "larger"),
        node("Add", ["larger", "mask"], "also"),
        node("Softmax", ["also"], "second", axis=-1),
    ]
    constants["ten"] = np.array(10.0, np.float32)
    inputs = {"x": (2, LENGTH, LENGTH), "valid": ((1, 1, LENGTH), "int64")}
    model = model_of(nodes, inputs, ["first", "second"], constants)
    result = quantized(model, sample_of(1))
    assert not result.violations
    assert min(result.sqnr_db["first"].values()) > 32
    assert min(result.sqnr_db["second"].values()) > 20  # scores of 100 in 256 steps


@pytest.mark.parametrize("limited", [False, True])
def test_a_given_mask_of_infinities_hides(quantized, model_of, limited):
    """The mask is an input; a row of which everything is hidden is asked for by comparison."""
    nodes = [
        node("Add", ["x", "mask"], "sum"),
        node("Max", ["sum", "limit"], "masked") if limited else node("Identity", ["sum"], "masked"),
        node("Softmax", ["masked"], "weights", axis=-1),
        node("ReduceMax", ["mask"], "largest", axes=[-1]),
        node("LessOrEqual", ["largest", "limit"], "nowhere"),
        node("Where", ["nowhere", "nothing", "weights"], "y"),
    ]
    constants = {"limit": np.array(LOWEST, np.float32), "nothing": np.zeros((), np.float32)}
    shapes = {"x": (2, LENGTH, LENGTH), "mask": (LENGTH, LENGTH)}
    model = model_of(nodes, shapes, ["y"], constants, opset=17)

    def sample(generator):
        mask = np.where(generator.integers(0, 3, (LENGTH, LENGTH)) == 0, -np.inf, 0.0)
        mask[0] = LOWEST if limited else 0.0
        mask[1:, 0] = 0.0
        scores = generator.normal(0.0, 2.0, (2, LENGTH, LENGTH))
        return {"x": scores.astype(np.float32), "mask": mask.astype(np.float32)}

    result = quantized(model, sample)
    assert result.violations == ()
    assert result.worst() > 30
