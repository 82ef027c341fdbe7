"""Constants of TFLite models as real numbers."""

import numpy as np
import pytest

from edgekit.converters.compression.stored import stored_values
from edgekit.converters.graph import DataType, Quantization, Tensor


def test_floats_are_as_they_are():
    values = np.array([[0.5, -2.0]], np.float16)
    tensor = Tensor(0, "w", (1, 2), DataType.FLOAT16, None, values.tobytes())
    np.testing.assert_array_equal(stored_values(tensor), values)


@pytest.mark.parametrize(
    ("axis", "scales", "points", "wanted"),
    [
        (0, (0.5,), (3,), [[-1.0, -0.5, 0.0], [0.5, 1.0, 1.5]]),
        (0, (0.5, 2.0), (0, 0), [[0.5, 1.0, 1.5], [8.0, 10.0, 12.0]]),
        (1, (1.0, 2.0, 4.0), (0, 0, 0), [[1.0, 4.0, 12.0], [4.0, 10.0, 24.0]]),
    ],
)
@pytest.mark.parametrize("dtype", [DataType.INT8, DataType.INT4])
def test_integers_have_scales(dtype, axis, scales, points, wanted):
    data = np.arange(1, 7, dtype=np.int8).tobytes() if dtype is DataType.INT8 else b"\x21\x43\x65"
    tensor = Tensor(0, "w", (2, 3), dtype, Quantization(scales, points, axis), data)
    np.testing.assert_allclose(stored_values(tensor), wanted)
