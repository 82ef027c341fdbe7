"""Layout, batch axis, type and normalisation of arrays: as declared, never guessed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from edgekit.bundle.manifest import ImagePreprocessing
from edgekit.converters.calibration import Channels, InputDeclaration, InputSpec, SampleLayout
from edgekit.converters.calibration.conform import conform, conform_all
from edgekit.converters.calibration.errors import (
    BadValueError,
    DeclarationError,
    DtypeMismatchError,
    SampleCountError,
    ShapeMismatchError,
)

SOURCE = InputDeclaration()
LAST = InputDeclaration(SampleLayout.CHANNELS_LAST)
IMAGE = InputSpec("image", "float32", (1, 3, 4, 5))
IDS = InputSpec("ids", "int64", (1, 16))


def floats(*shape):
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


@pytest.mark.parametrize(
    ("shape", "given"),
    [
        ((1, 3, 4, 5), (7, 3, 4, 5)),
        ((1, 3, 4, 5), (7, 1, 3, 4, 5)),
        ((1, 16), (7, 16)),
        ((1, 16), (7, 1, 16)),
        ((1,), (7,)),
        ((1, 1, 49, 10), (7, 1, 49, 10)),
        ((3, 4, 5), (7, 3, 4, 5)),
        ((), (7,)),
    ],
)
def test_the_batch_axis_may_be_left_out(shape, given):
    data = floats(*given)
    result = conform(data, InputSpec("x", "float32", shape), SOURCE)
    assert result.shape == (7, *shape)
    np.testing.assert_array_equal(result.ravel(), data.ravel())


@settings(deadline=None)
@given(st.lists(st.integers(1, 4), min_size=2, max_size=4), st.booleans())
def test_channels_last_data_are_transposed(sizes, with_batch_axis):
    """The golden answer is an element-wise definition: source[n, 0, c, *p] = data[n, *p, c]."""
    channels, *places = sizes
    data = floats(2, *places, channels)
    spec = InputSpec("x", "float32", (1, channels, *places))
    result = conform(data[:, None] if with_batch_axis else data, spec, LAST)
    assert result.shape == (2, *spec.shape)
    for number, channel, *place in np.ndindex(2, channels, *places):
        assert result[(number, 0, channel, *place)] == data[(number, *place, channel)]


def test_when_both_layouts_fit_the_declared_one_counts():
    spec = InputSpec("x", "float32", (1, 3, 3, 3))
    data = floats(2, 3, 3, 3)
    np.testing.assert_array_equal(conform(data, spec, SOURCE)[:, 0], data)
    np.testing.assert_array_equal(conform(data, spec, LAST)[:, 0], data.transpose(0, 3, 1, 2))


@pytest.mark.parametrize(
    ("declaration", "shape", "hint"),
    [
        (SOURCE, (2, 4, 5, 3), "pass --calibration-layout image=nhwc"),
        (SOURCE, (2, 1, 4, 5, 3), "pass --calibration-layout image=nhwc"),
        (LAST, (2, 3, 4, 5), "leave out --calibration-layout image=nhwc"),
        (SOURCE, (2, 5, 4, 3), "stack samples"),
        (LAST, (2, 5, 4, 3), "stack samples"),
        (SOURCE, (4, 5), "stack samples"),
        (SOURCE, (), "stack samples"),
        (InputDeclaration(source_channels=Channels.LAST), (2, 4, 5, 3), "stack samples"),
    ],
)
def test_wrong_shapes_name_the_option_that_would_fit(declaration, shape, hint):
    with pytest.raises(ShapeMismatchError, match=r"\[samples, ") as caught:
        conform(floats(*shape), IMAGE, declaration)
    assert hint in caught.value.hint
    assert caught.value.given == shape


def test_a_model_without_batch_axis_has_one_expected_shape():
    with pytest.raises(ShapeMismatchError, match=r"expected \[samples, 3, 4\]"):
        conform(floats(3, 4), InputSpec("x", "float32", (3, 4)), SOURCE)


def test_channels_last_means_nothing_for_a_vector():
    with pytest.raises(DeclarationError, match="no channel axis"):
        conform(floats(2, 16), InputSpec("x", "float32", (1, 16)), LAST)


@pytest.mark.parametrize("dtype", ["float16", "float64", ">f4", "<f8"])
def test_floats_become_the_inputs_float(dtype):
    data = np.array([[0.5, -2.0]]).astype(dtype)
    result = conform(data, InputSpec("x", "float32", (1, 2)), SOURCE)
    assert result.dtype == np.float32
    np.testing.assert_array_equal(result, [[[0.5, -2.0]]])


@settings(deadline=None)
@given(hnp.arrays(hnp.integer_dtypes(), (3, 16)))
def test_integers_fit_or_are_an_error(data):
    wide = [int(value) for value in data.ravel()]
    spec = InputSpec("ids", "int8", (1, 16))
    if all(-128 <= value <= 127 for value in wide):
        result = conform(data, spec, SOURCE)
        assert result.dtype == np.int8
        assert [int(value) for value in result.ravel()] == wide
    else:
        first = next(index for index, value in enumerate(wide) if not -128 <= value <= 127)
        with pytest.raises(BadValueError, match=f"{wide[first]} does not fit int8") as caught:
            conform(data, spec, SOURCE)
        assert caught.value.origin == f"sample {first // 16}"


def test_sample_numbers_are_those_of_the_file():
    data = np.zeros((3, 16), np.int64)
    data[2, 5] = 300
    with pytest.raises(BadValueError, match="sample 120"):
        conform(data, InputSpec("x", "uint8", (1, 16)), SOURCE, [100, 110, 120])


@pytest.mark.parametrize(
    ("given", "target", "fits"),
    [
        (np.array([[True, False]]), "bool", True),
        (np.array([[1, 0]]), "bool", True),
        (np.array([[2, 0]]), "bool", False),
        (np.array([[True, False]]), "int64", True),
        (np.array([[1, 0]], np.int32), "int64", True),
        (np.array([[2**31, 0]]), "int32", False),
    ],
)
def test_booleans_and_integers(given, target, fits):
    spec = InputSpec("x", target, (1, 2))
    if fits:
        result = conform(given, spec, SOURCE)
        assert result.dtype == np.dtype(target)
        np.testing.assert_array_equal(result[:, 0].astype(int), given.astype(int))
    else:
        with pytest.raises(BadValueError, match="does not fit"):
            conform(given, spec, SOURCE)


@pytest.mark.parametrize(
    ("given", "target", "hint"),
    [
        (np.zeros((2, 16), np.float32), "int64", "astype"),
        (np.zeros((2, 16), np.float32), "bool", "astype"),
        (np.zeros((2, 16), np.uint8), "float32", "--mean/--std"),
        (np.zeros((2, 16), np.int32), "float32", "scaled as in training"),
        (np.zeros((2, 16), bool), "float32", "scaled as in training"),
        (np.zeros((2, 16), np.complex64), "float32", "plain array"),
        (np.zeros((2, 16), "U3"), "float32", "plain array"),
    ],
)
def test_types_that_need_a_decision_are_refused(given, target, hint):
    with pytest.raises(DtypeMismatchError) as caught:
        conform(given, InputSpec("x", target, (1, 16)), SOURCE)
    assert hint in caught.value.hint
    assert caught.value.expected == target


IMAGENET = ImagePreprocessing((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))


@pytest.mark.parametrize(
    ("layout", "channels", "given", "shape", "order"),
    [
        (SampleLayout.SOURCE, Channels.FIRST, (2, 3, 4, 5), (1, 3, 4, 5), "cf"),
        (SampleLayout.CHANNELS_LAST, Channels.FIRST, (2, 4, 5, 3), (1, 3, 4, 5), "move"),
        (SampleLayout.SOURCE, Channels.LAST, (2, 4, 5, 3), (1, 4, 5, 3), "cl"),
        (SampleLayout.CHANNELS_LAST, Channels.LAST, (2, 4, 5, 3), (1, 4, 5, 3), "cl"),
    ],
)
def test_declared_normalisation_of_pixels(layout, channels, given, shape, order):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, given, np.uint8)
    declaration = InputDeclaration(layout, IMAGENET, channels)
    result = conform(pixels, InputSpec("x", "float32", shape), declaration)
    place = (1, 3, 1, 1) if order == "cf" else (3,)
    mean, std = (np.reshape(values, place) for values in (IMAGENET.mean, IMAGENET.std))
    expected = (pixels.astype(np.float64) - mean) / std
    if order == "move":
        expected = expected.transpose(0, 3, 1, 2)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result[:, 0], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape", [(1, 640), (640,), (3, 4, 5)])
def test_normalisation_without_a_batch_or_channel_axis(shape):
    pixels = np.full((2, *shape), 51, np.uint8)
    declaration = InputDeclaration(image=ImagePreprocessing((0.0,), (255.0,)))
    result = conform(pixels, InputSpec("x", "float32", shape), declaration)
    np.testing.assert_allclose(result, 0.2, rtol=1e-6)


def test_float_arrays_are_taken_as_normalised():
    declaration = InputDeclaration(image=ImagePreprocessing((128.0,), (64.0,)))
    data = floats(2, 3, 4, 5)
    np.testing.assert_array_equal(conform(data, IMAGE, declaration)[:, 0], data)


def test_means_that_do_not_fit_the_channels():
    declaration = InputDeclaration(image=ImagePreprocessing((1.0, 2.0), (1.0,)))
    with pytest.raises(DeclarationError, match="'image'") as caught:
        conform(np.zeros((2, 3, 4, 5), np.uint8), IMAGE, declaration)
    assert "--mean/--std" in caught.value.hint


def test_all_inputs_have_equally_many_samples():
    specs = [IMAGE, IDS]
    arrays = {"image": floats(3, 3, 4, 5), "ids": np.zeros((2, 16), np.int64)}
    with pytest.raises(SampleCountError, match="image has 3, ids has 2"):
        conform_all(arrays, specs, {}, "a.npz")
    arrays["image"] = floats(2, 4, 5, 3)
    result = conform_all(arrays, specs, {"image": LAST}, "a.npz")
    assert {name: array.shape for name, array in result.items()} == {
        "image": (2, 1, 3, 4, 5),
        "ids": (2, 1, 16),
    }
