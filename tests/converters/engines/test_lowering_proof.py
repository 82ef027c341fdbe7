"""Proofs of lowered models that were written by hand: right, wrong, and beyond proof."""

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from edgekit.converters.engines.base import EngineError, Interface
from edgekit.converters.engines.lowering_proof import prove_lowering

SAME = (0, 1)


@pytest.fixture
def prove(tflite_models, small_models, open_onnx, tmp_path):
    """Prove a TFLite model of operators (kind, inputs, output, shape) against ONNX nodes."""

    def run(shape, nodes, operators, *, outputs=("y",), constants=None, axes=None):
        declared = [(name, None) for name in outputs]
        model = small_models.onnx_model(nodes, [("x", shape)], declared, constants)
        for value in model.graph.output:
            rank = len(next(o[3] for o in operators if o[2] == value.name))
            shape_of = value.type.tensor_type.shape
            shape_of.dim.extend([shape_of.Dimension()] * rank)
        axes = axes or tuple(range(len(shape)))
        build = tflite_models.Builder()
        indices = {"x": build.tensor("x", [shape[axis] for axis in axes], "float32")}
        for name, value in (constants or {}).items():
            kind = "int32" if value.dtype.kind == "i" else "float32"
            indices[name] = build.tensor(name, value.shape, kind, data=value)
        for kind, inputs, output, made, *options in operators:
            indices[output] = build.tensor(output, made, "float32")
            read = [indices[name] for name in inputs.split()]
            build.op(kind, read, [indices[output]], *options)
        build.inputs, build.outputs = [indices["x"]], [indices[name] for name in outputs]
        source = open_onnx(model)
        return prove_lowering(
            source, model, build.build(), [Interface("x", axes)], tmp_path / "log"
        )

    return run


def options(name, **values):
    made = getattr(schema, f"{name}OptionsT")()
    for key, value in values.items():
        setattr(made, key, value)
    return made


def test_a_right_lowering_gives_axes_and_origins(prove, small_models):
    outputs, origins = prove(
        (1, 3, 4),
        [small_models.node("Abs", "x", "a", name="size"), small_models.node("Neg", "a", "y")],
        [("ABS", "x", "inner", (1, 4, 3)), ("NEG", "inner", "y", (1, 4, 3))],
        axes=(0, 2, 1),
    )
    assert outputs == (Interface("y", (0, 2, 1)),)
    assert origins == {"inner": "Abs 'size'", "y": "Neg 'y'"}


def test_other_values_name_what_went_wrong_and_what_was_before_it(prove, small_models):
    """The second operator is another one; the third would be right."""
    with pytest.raises(EngineError) as caught:
        prove(
            (1, 4),
            [
                small_models.node("Abs", "x", "a", name="size"),
                small_models.node("Sqrt", "a", "b", name="root"),
                small_models.node("Neg", "b", "y", name="minus"),
            ],
            [
                ("ABS", "x", "one", (1, 4)),
                ("SQUARE", "one", "two", (1, 4)),
                ("NEG", "two", "y", (1, 4)),
            ],
        )
    error = caught.value
    assert "lowering changed the model: output 'y' differs from the source (" in error.message
    assert "dB SQNR even with its values sorted)" in error.message
    assert "NaN" not in error.message
    assert error.details == (
        "matches nothing in the source: SQUARE 'two', after Abs 'size'",
        "matches nothing in the source: NEG 'y', after Abs 'size'",
    )
    assert str(error.log) in error.hint


def test_the_first_operator_comes_after_the_inputs(prove, small_models):
    with pytest.raises(EngineError) as caught:
        prove((1, 4), [small_models.node("Neg", "x", "y")], [("SQUARE", "x", "y", (1, 4))])
    assert caught.value.details == ("matches nothing in the source: SQUARE 'y', after the inputs",)


def test_the_same_values_in_another_place_are_wrong(prove, small_models):
    reversed_rows = {"axis": np.array([1], np.int32)}
    with pytest.raises(EngineError, match="inf dB SQNR even with its values sorted"):
        prove(
            (1, 4),
            [small_models.node("Identity", "x", "y")],
            [("REVERSE_V2", "x axis", "y", (1, 4), options("ReverseV2"))],
            constants=reversed_rows,
        )


def test_another_shape_is_wrong(prove, small_models):
    axis = {"axis": np.array([1], np.int32)}
    with pytest.raises(EngineError, match=r"shape \(1, 1\) instead of \(1, 4\)"):
        prove(
            (1, 4),
            [small_models.node("Identity", "x", "y")],
            [("SUM", "x axis", "y", (1, 1), options("Reducer", keepDims=True))],
            constants=axis,
        )


def test_one_output_of_two_is_enough_to_be_wrong(prove, small_models):
    with pytest.raises(EngineError, match="output 'second' differs"):
        prove(
            (1, 4),
            [small_models.node("Neg", "x", "first"), small_models.node("Abs", "x", "second")],
            [("NEG", "x", "first", (1, 4)), ("NEG", "x", "second", (1, 4))],
            outputs=("first", "second"),
        )


def test_nan_of_the_source_has_to_be_nan_in_the_model(prove, small_models):
    """The logarithm of a negative number is no reason to refuse a model."""
    outputs, origins = prove(
        (1, 8), [small_models.node("Log", "x", "y")], [("LOG", "x", "y", (1, 8))]
    )
    assert outputs == (Interface("y", SAME),)
    assert origins == {"y": "Log 'y'"}


def test_a_wrong_model_of_a_source_with_nan_says_so(prove, small_models):
    with pytest.raises(EngineError, match="the source gives NaN or infinity in places"):
        prove((1, 8), [small_models.node("Log", "x", "y")], [("ABS", "x", "y", (1, 8))])


def test_sources_that_need_positive_numbers_get_some(prove, small_models):
    """The sum of eight square roots is NaN as soon as one number is negative."""
    axis = {"axis": np.array([1], np.int32)}
    onnx_axis = small_models.node("ReduceSum", "r axis64", "y", keepdims=1)
    cast = small_models.node("Cast", "axis", "axis64", to=7)
    root = small_models.node("Sqrt", "x", "r")
    reduce = options("Reducer", keepDims=True)
    right = [("SQRT", "x", "r", (1, 8)), ("SUM", "r axis", "y", (1, 1), reduce)]
    outputs, _ = prove((1, 8), [root, cast, onnx_axis], right, constants=axis)
    assert outputs == (Interface("y", SAME),)
    wrong = [("SQRT", "x", "r", (1, 8)), ("MEAN", "r axis", "y", (1, 1), reduce)]
    with pytest.raises(EngineError, match="lowering changed the model"):
        prove((1, 8), [root, cast, onnx_axis], wrong, constants=axis)


def test_sources_that_never_give_a_number_cannot_be_proved(prove, small_models):
    with pytest.raises(EngineError, match="cannot be proved right: the source gives nothing but"):
        prove(
            (1, 4),
            [
                small_models.node("Abs", "x", "a"),
                small_models.node("Neg", "a", "n"),
                small_models.node("Log", "n", "y"),
            ],
            [("ABS", "x", "a", (1, 4)), ("NEG", "a", "n", (1, 4)), ("LOG", "n", "y", (1, 4))],
        )


def test_an_output_that_is_the_same_everywhere_has_no_axes(prove, small_models):
    zero = {"z": np.zeros(1, np.float32)}
    nodes, operators = [small_models.node("Mul", "x z", "y")], ("MUL", "x z", "y")
    with pytest.raises(EngineError, match="axes of output 'y' cannot be told apart"):
        prove(
            (1, 3, 3),
            nodes,
            [(*operators, (1, 3, 3), options("Mul"))],
            constants=zero,
        )
    outputs, _ = prove((1, 3, 4), nodes, [(*operators, (1, 3, 4), options("Mul"))], constants=zero)
    assert outputs == (Interface("y", (0, 1, 2)),)  # only one order has this shape


def test_symmetric_outputs_take_the_plainest_order(prove, small_models):
    outputs, _ = prove(
        (1, 5, 4),
        [
            small_models.node("Transpose", "x", "t", perm=[0, 2, 1]),
            small_models.node("MatMul", "x t", "y"),
        ],
        [("BATCH_MATMUL", "x x", "y", (1, 5, 5), options("BatchMatMul", adjY=True))],
    )
    assert outputs == (Interface("y", (0, 1, 2)),)
