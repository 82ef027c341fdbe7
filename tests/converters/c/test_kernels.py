"""Kernels bring what they include of ours, once, and nothing else."""

from edgekit.converters.c.kernels import kernel_sources
from edgekit.converters.c.step import Kernel

LOOKUP = Kernel("lookup.c", "lookup")
COPIES = [
    Kernel("strided_copy.c", name, (("function", name), ("bytes", count)))
    for name, count in (("copy_1", "1u"), ("copy_2", "2u"))
]


def test_parts_come_first_and_once():
    mean = Kernel("softmax.c", "softmax")
    headers, text = kernel_sources([mean, LOOKUP, mean])
    assert headers == ()
    assert text.count("int32_t shift_right(") == 1
    assert text.index("int32_t shift_right(") < text.index("int32_t requantize(")
    assert text.index("int32_t requantize(") < text.index("void softmax(")
    assert "#include" not in text


def test_values_make_functions_of_their_own():
    headers, text = kernel_sources([*COPIES, COPIES[0]])
    assert headers == ("string.h",)
    assert [text.count(f"void {name}(") for name in ("copy_1", "copy_2")] == [1, 1]
    assert "$" not in text
