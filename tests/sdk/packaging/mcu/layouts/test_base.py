"""What layouts share."""

from dataclasses import replace

import pytest

from edgekit.packaging.mcu.layouts.base import c_type, sources


def test_compiled_files_are_named_with_their_folder(library):
    assert sources(library) == ["src/tiny.c", "src/tiny_weights.c"]


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [("int8", "int8_t"), ("int32", "int32_t"), ("float32", "float"), ("bool", "uint8_t")],
)
def test_elements_have_their_type_of_c(library, dtype, expected):
    assert c_type(replace(library.inputs[0], dtype=dtype)) == expected
