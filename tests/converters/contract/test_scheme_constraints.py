"""Each rule of the schemes: graphs that keep it and graphs that break it."""

from dataclasses import replace

import pytest

from edgekit.bundle.manifest import Io, Scheme
from edgekit.converters.contract import ContractContext, check_contract
from edgekit.converters.graph import DataType, Operator, Quantization

F32 = DataType.FLOAT32
F16 = DataType.FLOAT16
I8 = DataType.INT8
I16 = DataType.INT16
U8 = DataType.UINT8


def test_a_model_as_asked_for_breaks_nothing(graph, edit):
    assert edit.broken(graph) == {}


def test_operators_on_float_tensors_are_islands(graph, edit):
    island = edit.tensor(graph, "flat", dtype=F32, quantization=None)
    found = check_contract(island, ContractContext(Scheme.INT8, Io.INT8))
    assert [(item.constraint, item.subject) for item in found] == [
        ("operator_is_integer", "RESHAPE #1"),
        ("operator_is_integer", "SOFTMAX #2"),
    ]
    assert all(item.is_float_island for item in found)
    assert "float tensor flat" in str(found[0])
    for scheme in (Scheme.DYNAMIC, Scheme.FLOAT16, Scheme.FLOAT32):
        found = check_contract(island, ContractContext(scheme, Io.INT8))
        assert "operator_is_integer" not in {item.constraint for item in found}


def with_float_interface(graph, edit):
    """QUANTIZE in front, DEQUANTIZE behind."""
    main = graph.main
    count = len(main.tensors)
    new = [
        replace(main.tensors[main.inputs[0]], index=count, name="in", dtype=F32, quantization=None),
        replace(
            main.tensors[main.outputs[0]], index=count + 1, name="out", dtype=F32, quantization=None
        ),
    ]
    operators = (
        Operator(0, "QUANTIZE", 1, (count,), main.inputs, is_custom=False),
        *(replace(operator, index=operator.index + 1) for operator in main.operators),
        Operator(4, "DEQUANTIZE", 2, main.outputs, (count + 1,), is_custom=False),
    )
    return edit.main(
        graph,
        tensors=(*main.tensors, *new),
        operators=operators,
        inputs=(count,),
        outputs=(count + 1,),
    )


def test_only_a_float_interface_may_cast(graph, edit):
    wrapped = with_float_interface(graph, edit)
    assert edit.broken(wrapped, io=Io.FLOAT32) == {}
    found = check_contract(wrapped, ContractContext(Scheme.INT8, Io.INT8))
    assert [(item.constraint, item.subject) for item in found] == [
        ("operator_is_integer", "QUANTIZE #0"),
        ("operator_is_integer", "DEQUANTIZE #4"),
        ("interface_has_the_type_asked_for", "tensor 'in'"),
        ("interface_has_the_type_asked_for", "tensor 'out'"),
    ]


def test_casts_inside_are_islands_also_with_a_float_interface(graph, edit):
    inner = edit.operator(graph, "RESHAPE", kind="DEQUANTIZE")
    inner = edit.tensor(inner, "flat", dtype=F32, quantization=None)
    found = check_contract(inner, ContractContext(Scheme.INT8, Io.FLOAT32))
    subjects = {item.subject for item in found if item.constraint == "operator_is_integer"}
    assert subjects == {"DEQUANTIZE #1", "SOFTMAX #2"}


def test_custom_operators_are_not_built_in(graph, edit):
    found = edit.broken(edit.operator(graph, "SOFTMAX", kind="FlexErf", is_custom=True))
    assert set(found) == {"operator_is_built_in"}
    assert "custom operator FlexErf" in str(found["operator_is_built_in"])
    assert not found["operator_is_built_in"].is_float_island


@pytest.mark.parametrize("dtype", [I16, U8, DataType.INT4])
def test_activations_have_the_width_of_the_scheme(graph, edit, dtype):
    found = edit.broken(edit.tensor(graph, "conv", dtype=dtype, quantization=None))
    assert set(found) == {"activation_has_the_width_asked_for"}
    assert f"{dtype} instead of INT8" in str(found["activation_has_the_width_asked_for"])


def test_sixteen_bits_are_right_for_int16x8(graph, edit):
    wide = graph
    for name in ("image", "conv", "flat", "scores"):
        wide = edit.tensor(wide, name, dtype=I16, quantization={"zero_points": (0,)})
    assert edit.broken(wide, scheme=Scheme.INT16X8, io=Io.INT16) == {}
    found = edit.broken(edit.tensor(wide, "conv", dtype=I8), scheme=Scheme.INT16X8, io=Io.INT16)
    assert set(found) == {"activation_has_the_width_asked_for"}


def test_the_interface_may_have_its_own_width(graph, edit):
    bytes_in = edit.tensor(graph, "image", dtype=U8, quantization={"zero_points": (125,)})
    bytes_both = edit.tensor(bytes_in, "scores", dtype=U8, quantization={"zero_points": (0,)})
    assert edit.broken(bytes_both, io=Io.UINT8) == {}
    found = edit.broken(bytes_in)
    assert set(found) == {"activation_has_the_width_asked_for", "interface_has_the_type_asked_for"}


def test_integers_and_booleans_of_the_source_stay_at_the_interface(graph, edit):
    for dtype in (DataType.INT32, DataType.INT64, DataType.BOOL):
        assert edit.broken(edit.tensor(graph, "image", dtype=dtype, quantization=None)) == {}


@pytest.mark.parametrize("scheme", [Scheme.INT8, Scheme.INT16X8, Scheme.DYNAMIC])
def test_weights_in_float_break_the_integer_schemes(graph, edit, scheme):
    large = edit.tensor(graph, "w", dtype=F32, quantization=None, shape=(5, 16, 16, 3))
    found = check_contract(large, ContractContext(scheme, Io.INT8))
    named = {item.constraint: str(item) for item in found}
    assert "w is FLOAT32" in named["weights_have_the_width_asked_for"]


def test_four_bit_weights_are_integers_too(graph, edit):
    assert edit.broken(edit.tensor(graph, "w", dtype=DataType.INT4)) == {}


def test_the_dynamic_scheme_leaves_small_weights_in_float(graph, edit):
    small = edit.tensor(graph, "w", dtype=F32, quantization=None, shape=(1023,))
    assert "weights_have_the_width_asked_for" not in edit.broken(
        small, scheme=Scheme.DYNAMIC, io=Io.INT8
    )


def test_float16_wants_weights_that_are_unpacked_from_float16(graph, edit):
    found = edit.broken(graph, scheme=Scheme.FLOAT16, io=Io.INT8)
    assert "w is INT8" in str(found["weights_have_the_width_asked_for"])
    main = graph.main
    by_name = {tensor.name: tensor for tensor in main.tensors}
    unpacked = replace(by_name["w"], dtype=F32, quantization=None, data=None)
    stored = replace(
        by_name["w"], index=len(main.tensors), name="w16", dtype=F16, quantization=None
    )
    tensors = tuple(unpacked if item.name == "w" else item for item in main.tensors)
    unpack = Operator(0, "DEQUANTIZE", 1, (stored.index,), (unpacked.index,), is_custom=False)
    right = edit.main(graph, tensors=(*tensors, stored), operators=(unpack, *main.operators))
    assert edit.broken(right, scheme=Scheme.FLOAT16, io=Io.INT8) == {}
    wrong = edit.tensor(right, "w16", dtype=F32)
    found = edit.broken(wrong, scheme=Scheme.FLOAT16, io=Io.INT8)
    assert "w16 is FLOAT32" in str(found["weights_have_the_width_asked_for"])


def test_float32_says_nothing_about_weights(graph, edit):
    assert edit.broken(graph, scheme=Scheme.FLOAT32) == {}


@pytest.mark.parametrize(
    ("tensor", "changes", "words"),
    [
        ("conv", {"scales": (0.0,)}, "a scale is zero"),
        ("conv", {"scales": (-0.5,)}, "a scale is zero, negative"),
        ("conv", {"scales": (float("inf"),)}, "not finite"),
        ("conv", {"scales": (float("nan"),)}, "not finite"),
        ("conv", {"zero_points": (128,)}, "a zero point lies outside -128..127"),
        ("conv", {"zero_points": (0, 0)}, "1 scales, 2 zero points"),
        ("w", {"axis": 4}, "along axis 4, which it does not have"),
        ("w", {"axis": -1}, "along axis -1, which it does not have"),
        ("w", {"axis": 3}, "5 scales for 3 channels"),
    ],
)
def test_scales_and_zero_points_have_a_meaning(graph, edit, tensor, changes, words):
    found = edit.broken(edit.tensor(graph, tensor, quantization=changes))
    assert words in str(found["quantization_is_valid"])


def test_the_axis_of_a_single_scale_does_not_matter(graph, edit):
    assert edit.broken(edit.tensor(graph, "conv", quantization={"axis": 7})) == {}


def test_types_without_a_range_are_not_looked_at(graph, edit):
    odd = edit.tensor(graph, "shape", quantization=Quantization((0.0,), (1 << 40,), 0))
    assert edit.broken(odd) == {}


def test_integer_weights_have_zero_point_zero(graph, edit):
    points = {"zero_points": (0, 0, 3, 0, 0)}
    found = edit.broken(edit.tensor(graph, "w", quantization=points))
    assert set(found) == {"weights_are_symmetric"}
    assert "w has zero point 3" in str(found["weights_are_symmetric"])
    computed = edit.tensor(graph, "w", quantization=points, data=None)
    assert edit.broken(computed) == {}


def test_a_bias_has_the_scale_of_the_accumulator(graph, edit):
    main = graph.main
    scales = next(item for item in main.tensors if item.name == "b").quantization.scales
    nearly = edit.tensor(
        graph, "b", quantization={"scales": tuple(scale * (1 + 1e-7) for scale in scales)}
    )
    assert edit.broken(nearly) == {}
    wrong = (*scales[:2], scales[2] * 1.01, *scales[3:])
    found = edit.broken(edit.tensor(graph, "b", quantization={"scales": wrong}))
    assert set(found) == {"bias_scale_is_product"}
    assert "b differs in channel 2" in str(found["bias_scale_is_product"])
    single = Quantization((scales[0],), (0,), 0)
    found = edit.broken(edit.tensor(graph, "b", quantization=single))
    assert "b has 1 scales, the weights 5" in str(found["bias_scale_is_product"])


@pytest.mark.parametrize("inputs", [(0, 1), (0, 1, -1)])
def test_a_layer_without_bias_is_fine(graph, edit, inputs):
    assert edit.broken(edit.operator(graph, "CONV_2D", inputs=inputs)) == {}


@pytest.mark.parametrize(
    ("kind", "scale", "point"),
    [
        ("SOFTMAX", 1 / 256, -128),
        ("LOGISTIC", 1 / 256, -128),
        ("LOG_SOFTMAX", 1 / 16, 127),
        ("TANH", 1 / 128, 0),
        ("L2_NORMALIZATION", 1 / 128, 0),
    ],
)
def test_fixed_output_scales(graph, edit, kind, scale, point):
    """The figures are those of TFLite's 8-bit quantization specification."""
    changed = edit.operator(graph, "SOFTMAX", kind=kind)
    right = {"scales": (scale,), "zero_points": (point,)}
    assert edit.broken(edit.tensor(changed, "scores", quantization=right)) == {}
    for wrong in ({"scales": (scale * 1.01,)}, {"zero_points": (5,)}):
        found = edit.broken(edit.tensor(changed, "scores", quantization=right | wrong))
        assert set(found) == {"fixed_output_scale"}
    sixteen = edit.tensor(changed, "scores", dtype=I16, quantization={"zero_points": (0,)})
    assert "fixed_output_scale" not in edit.broken(sixteen)
