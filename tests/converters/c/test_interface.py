"""Names and quantization parameters of inputs and outputs."""

from edgekit.converters.c.interface import describe_tensors
from edgekit.converters.graph import DataType, Quantization, Tensor

INT8 = Tensor(4, "image", (1, 2, 3), DataType.INT8, Quantization((0.5,), (-3,), 0))
FLOAT = Tensor(7, "scale", (), DataType.FLOAT32, None)


def test_a_single_tensor_has_no_number():
    (found,) = describe_tensors([INT8], "kws_input", [32])
    assert (found.c_name, found.name, found.dtype) == ("KWS_INPUT", "image", "int8")
    assert (found.scale, found.zero_point, found.size_bytes, found.arena_offset) == (0.5, -3, 6, 32)


def test_several_are_numbered():
    found = describe_tensors([INT8, FLOAT], "kws_output", [0, 16])
    assert [item.c_name for item in found] == ["KWS_OUTPUT_0", "KWS_OUTPUT_1"]
    assert (found[1].scale, found[1].zero_point, found[1].dtype) == (None, None, "float32")
