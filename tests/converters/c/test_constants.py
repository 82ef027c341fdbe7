"""Constants are written once, as C reads them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edgekit.converters.c.constants import ConstantPool, c_float, c_integer
from edgekit.converters.c.step import Array


def test_equal_arrays_have_one_name_and_the_stricter_alignment():
    pool = ConstantPool("m")
    first = pool.name(Array(np.array([1, 2], np.int32)), "bias")
    assert pool.name(Array(np.array([1, 2], np.int32), 16), "other") == first
    assert pool.name(Array(np.array([1, 2], np.int16)), "short") != first
    assert pool.size_bytes == 12
    assert pool.declarations().splitlines()[0] == "extern const int32_t m_bias_0[2];"
    assert "ALIGN(16)\nconst int32_t m_bias_0[2] = {\n    1, 2,\n};" in pool.definitions("ALIGN")


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float_reads_as_itself(value):
    text = c_float(value)
    assert text.endswith("f")
    assert np.float32(text[:-1]) == np.float32(value)


def test_the_least_integers_have_no_literal():
    assert c_integer(-5) == "-5"
    assert c_integer(-(2**63)) == "(-9223372036854775807 - 1)"
