"""ONNX models as they come, made canonical or refused with the way to fix them."""

import numpy as np
import onnx
import pytest
from google.protobuf.message import EncodeError
from onnx import TensorProto, helper

from edgekit.converters.sources import SourceError, SourceTensor
from edgekit.converters.sources.canonical import canonicalise
from edgekit.errors import UnknownNameError


def make(model, **shapes):
    return canonicalise(model, kind="onnx", name="tested.onnx", input_shapes=shapes)


def dims(value):
    return [dim.dim_value for dim in value.type.tensor_type.shape.dim]


def test_a_plain_model_is_kept(small_models):
    model = small_models.scores_model()
    source = make(model)
    assert source.inputs == (SourceTensor("x", "float32", (1, 4)),)
    assert source.outputs == (SourceTensor("scores", "float32", (1, 3)),)
    assert source.notices == ()
    assert (source.kind, source.name, source.reference.name) == (
        "onnx",
        "tested.onnx",
        "onnxruntime",
    )
    x = np.float32([[1, -1, 2, 0.5]])
    expected = np.maximum(x @ small_models.weights(4, 3), 0)
    np.testing.assert_allclose(source.reference.run({"x": x})["scores"], expected, rtol=1e-6)


@pytest.mark.parametrize("batch", ["batch", 0, None])
def test_a_dynamic_batch_is_fixed_to_one_with_a_notice(small_models, batch):
    source = make(small_models.scores_model(batch))
    assert source.inputs[0].shape == (1, 4)
    assert source.outputs[0].shape == (1, 3)
    assert source.notices == ("the dynamic batch of input 'x' is fixed to 1",)
    fixed = onnx.load_from_string(source.content).graph
    assert (dims(fixed.input[0]), dims(fixed.output[0])) == ([1, 4], [1, 3])


def test_inferred_sizes_of_another_batch_are_forgotten(small_models):
    model = small_models.scores_model("batch")
    model.graph.value_info.append(
        helper.make_tensor_value_info("m", TensorProto.FLOAT, ["batch", 3])
    )
    fixed = onnx.load_from_string(make(model).content).graph
    assert len(fixed.value_info) == 0


def conv_model(small_models, shape):
    return small_models.onnx_model(
        [small_models.node("Conv", "pixels w", "y")],
        [("pixels", shape)],
        [("y", ["n", 2, "h", "w"])],
        {"w": small_models.weights(2, 3, 3, 3)},
    )


@pytest.mark.parametrize("shape", [["n", 3, "h", "w"], [1, 3, "h", 8], ["n", "c", 8, 8]])
def test_other_dynamic_dimensions_name_the_option(small_models, shape):
    with pytest.raises(SourceError, match="input 'pixels' has dynamic dimensions") as caught:
        make(conv_model(small_models, shape))
    assert "--input-shape pixels:1," in caught.value.hint


def test_given_shapes_fix_dynamic_dimensions(small_models):
    source = make(conv_model(small_models, ["n", 3, "h", "w"]), pixels=(2, 3, 7, 9))
    assert source.inputs[0].shape == (2, 3, 7, 9)
    assert source.outputs[0].shape == (2, 2, 5, 7)
    assert source.notices == ()
    fixed = onnx.load_from_string(source.content).graph
    assert dims(fixed.output[0]) == [2, 2, 5, 7]


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((1, 3, 8), "gives 'pixels' 3 dimensions, the model has 4"),
        ((1, 4, 8, 8), "gives 'pixels' 1,4,8,8, but the model fixes n,3,h,w"),
    ],
)
def test_given_shapes_that_contradict_the_model(small_models, shape, words):
    with pytest.raises(SourceError, match=words):
        make(conv_model(small_models, ["n", 3, "h", "w"]), pixels=shape)


def test_a_given_shape_that_the_model_cannot_compute(small_models):
    with pytest.raises(SourceError, match="onnxruntime cannot run the model"):
        make(conv_model(small_models, ["n", 3, "h", "w"]), pixels=(1, 3, 2, 2))


def test_a_shape_for_an_unknown_input_offers_the_nearest(small_models):
    with pytest.raises(UnknownNameError, match="unknown input 'pixel'") as caught:
        make(conv_model(small_models, ["n", 3, "h", "w"]), pixel=(1, 3, 8, 8))
    assert "pixels" in caught.value.hint


def test_an_input_without_any_shape_needs_one(small_models):
    def shapeless():
        model = small_models.scores_model()
        model.graph.input[0].type.tensor_type.ClearField("shape")
        return model

    with pytest.raises(SourceError, match="'x' has no shape") as caught:
        make(shapeless())
    assert "--input-shape x:" in caught.value.hint
    assert make(shapeless(), x=(5, 4)).outputs[0].shape == (5, 3)


def test_initializers_among_the_inputs_are_constants(small_models):
    """ONNX before IR version 4 lists every weight as an input."""
    model = small_models.scores_model("batch")
    model.ir_version = 3
    model.graph.input.insert(0, helper.make_tensor_value_info("w", TensorProto.FLOAT, [4, 3]))
    source = make(model)
    assert [item.name for item in source.inputs] == ["x"]
    assert source.inputs[0].shape == (1, 4)


def test_several_inputs_keep_names_types_and_order(small_models):
    model = small_models.onnx_model(
        [
            small_models.node("Gather", "table ids", "rows"),
            small_models.node("Where", "mask rows other", "picked"),
            small_models.node("ArgMax", "picked", "best", axis=-1),
        ],
        [
            ("ids", ["batch", 5], TensorProto.INT32),
            ("other", ["batch", 5, 4]),
            ("mask", ["batch", 5, 1], TensorProto.BOOL),
        ],
        [("best", None, TensorProto.INT64), ("picked", None)],
        {"table": small_models.weights(9, 4)},
    )
    for output, rank in zip(model.graph.output, (3, 3), strict=True):
        output.type.tensor_type.shape.dim.extend([output.type.tensor_type.shape.Dimension()] * rank)
    source = make(model)
    assert [(item.name, item.dtype, item.shape) for item in source.inputs] == [
        ("ids", "int32", (1, 5)),
        ("other", "float32", (1, 5, 4)),
        ("mask", "bool", (1, 5, 1)),
    ]
    assert [(item.name, item.dtype, item.shape) for item in source.outputs] == [
        ("best", "int64", (1, 5, 1)),
        ("picked", "float32", (1, 5, 4)),
    ]
    assert len(source.notices) == 3


@pytest.mark.parametrize("element", [TensorProto.STRING, TensorProto.DOUBLE, TensorProto.UINT8])
def test_input_types_that_are_not_supported(small_models, element):
    model = small_models.onnx_model(
        [small_models.node("Identity", "x", "y")],
        [("x", [1, 2], element)],
        [("y", [1, 2], element)],
    )
    name = TensorProto.DataType.Name(element).lower()
    with pytest.raises(SourceError, match=f"input 'x' has type {name}") as caught:
        make(model)
    assert "float32, int32, int64, bool" in caught.value.hint


def test_inputs_that_are_no_tensors(small_models):
    model = small_models.onnx_model(
        [small_models.node("SequenceAt", "parts at", "y")],
        [("at", [], TensorProto.INT64)],
        [("y", [1])],
    )
    model.graph.input.append(
        helper.make_tensor_sequence_value_info("parts", TensorProto.FLOAT, [1])
    )
    with pytest.raises(SourceError, match="input 'parts' has type no tensor"):
        make(model)


def test_outputs_that_are_no_tensors(small_models):
    model = small_models.onnx_model(
        [small_models.node("SplitToSequence", "x", "parts")], [("x", [2, 3])], []
    )
    model.graph.output.append(
        helper.make_tensor_sequence_value_info("parts", TensorProto.FLOAT, None)
    )
    with pytest.raises(SourceError, match="output 'parts' is a list, not a tensor"):
        make(model)


def test_a_model_without_inputs(small_models):
    model = small_models.onnx_model(
        [small_models.node("Neg", "w", "y")], [], [("y", [2])], {"w": np.ones(2, np.float32)}
    )
    with pytest.raises(SourceError, match="has no inputs"):
        make(model)


def test_an_invalid_model(small_models):
    model = small_models.onnx_model(
        [small_models.node("Relu", "nowhere", "y")], [("x", [1])], [("y", [1])]
    )
    with pytest.raises(SourceError, match=r"tested\.onnx is not a valid ONNX model: ") as caught:
        make(model)
    assert "\n" not in caught.value.message


def test_operators_that_nobody_knows(small_models):
    model = small_models.onnx_model(
        [helper.make_node("Magic", ["x"], ["y"], domain="com.example")],
        [("x", [1])],
        [("y", [1])],
    )
    model.opset_import.append(helper.make_opsetid("com.example", 1))
    with pytest.raises(SourceError, match=r"nothing says what Magic 'y' of domain 'com\.example'"):
        make(model)


def test_an_input_of_absurd_size_is_refused_before_it_is_made(small_models):
    with pytest.raises(SourceError, match="more than 268435456 values"):
        make(small_models.scores_model(1 << 40))


def test_a_model_beyond_the_limit_of_protobuf(small_models, monkeypatch):
    """The check itself is onnx's; two gigabytes of weights would fill the machine."""

    def refuse(_):
        raise EncodeError("Failed to serialize proto")

    monkeypatch.setattr(onnx.checker, "check_model", refuse)
    with pytest.raises(SourceError, match="larger than 2 GB"):
        make(small_models.scores_model())


def test_remarks_of_exporters_do_not_count(small_models):
    plain, remarked = small_models.scores_model(), small_models.scores_model()
    remarked.doc_string = "exported on a Tuesday"
    remarked.graph.doc_string = "by me"
    for item in (remarked, *remarked.graph.node, *remarked.graph.input):
        entry = item.metadata_props.add()
        entry.key, entry.value = "stack_trace", "File 'net.py', line 12"
    assert make(remarked).sha256 == make(plain).sha256


def test_other_weights_are_another_model(small_models):
    plain, other = small_models.scores_model(), small_models.scores_model()
    changed = np.frombuffer(other.graph.initializer[0].raw_data, np.float32) + 1
    other.graph.initializer[0].raw_data = changed.tobytes()
    assert make(other).sha256 != make(plain).sha256


def test_the_reference_runs_the_model_as_it_was_given(small_models):
    """Rewrites of the canonical model have to match it, not the other way round."""
    model = small_models.onnx_model(
        [small_models.node("Sum", "a b c", "y")],
        [(name, [1, 2]) for name in "abc"],
        [("y", [1, 2])],
    )
    source = make(model)
    kinds = {node.op_type for node in onnx.load_from_string(source.content).graph.node}
    assert kinds == {"Add"}
    given = onnx.load_from_string(source.reference._content).graph.node
    assert [node.op_type for node in given] == ["Sum"]
