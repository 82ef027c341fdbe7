"""What a stream takes: lengths, shapes and types, and what it refuses."""

import numpy as np
import pytest

from edgekit.runtime.streaming import SampleMismatchError, StreamSettingError, Window, Windowing


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"window": 0}, "window: 0 samples"),
        ({"hop": -1}, "hop: -1 samples"),
        ({"sample_shape": (3, 0)}, r"\(3, 0\) holds no values"),
        ({"dtype": "float33"}, "'float33' is no type of numbers"),
        ({"dtype": "U4"}, "'U4' is no type of numbers"),
    ],
)
def test_what_makes_no_sense_is_refused(settings, match):
    with pytest.raises(StreamSettingError, match=match):
        Windowing(**{"window": 4, "hop": 2, **settings})


def test_floats_change_precision_and_small_integers_fit_larger_ones():
    assert Windowing(4, 2).chunk([0.5, 1.5]).dtype == np.float32
    assert Windowing(4, 2, dtype="int32").chunk(np.int16([-7])).tolist() == [-7]
    assert Windowing(4, 2, (3,)).chunk(np.zeros((0, 3))).shape == (0, 3)
    assert Windowing(4, 2).chunk([]).shape == (0,)


@pytest.mark.parametrize(
    ("dtype", "given"), [("int16", np.int32([1])), ("int16", [0.5]), ("float32", np.int32([1]))]
)
def test_types_that_could_lose_something_are_refused(dtype, given):
    with pytest.raises(SampleMismatchError, match=f"into a stream of {dtype}"):
        Windowing(4, 2, dtype=dtype).chunk(given)


@pytest.mark.parametrize("shape", [(), (3,), (2, 4), (1, 2, 3)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(SampleMismatchError, match=r"\[count, 3\] is taken") as caught:
        Windowing(4, 2, (3,)).chunk(np.zeros(shape))
    assert "sample[np.newaxis]" in caught.value.hint
    with pytest.raises(SampleMismatchError, match="no array"):
        Windowing(4, 2).chunk([[1.0], [1.0, 2.0]])


def test_a_window_knows_where_it_ends():
    assert Window(6, np.zeros((4, 2)), 0).end == 10
