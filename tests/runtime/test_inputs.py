"""Natural values become exactly the tensor, by rules that never guess."""

import numpy as np
import pytest
from PIL import Image

from edgekit.bundle import ImagePreprocessing
from edgekit.errors import UnknownNameError
from edgekit.runtime import ValueMismatchError, quantize
from edgekit.runtime.inputs import encode

SCALE = {"scale": 1 / 64, "zero_point": -3}
IMAGE = ImagePreprocessing(mean=(100.0, 120.0, 140.0), std=(50.0, 60.0, 70.0))


@pytest.fixture
def spec(tflite_models):
    return tflite_models.spec


@pytest.fixture
def picture():
    return np.random.default_rng(1).integers(0, 256, (4, 6, 3), dtype=np.uint8)


@pytest.fixture
def photo(spec):
    """An int8 NHWC input of 4 x 6 RGB pixels whose source is NCHW."""
    return spec("photo", "int8", (1, 4, 6, 3), axes=(0, 2, 3, 1), image=IMAGE, **SCALE)


def normalised(picture):
    real = (picture - np.array(IMAGE.mean)) / np.array(IMAGE.std)
    return real[np.newaxis].astype(np.float32)


def as_integers(real):
    return np.clip(np.round(real * 64) - 3, -128, 127)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(1, 2, 3), (2, 3)])
def test_floats_are_quantized_and_a_missing_batch_axis_added(spec, dtype, shape):
    real = np.arange(6, dtype=dtype).reshape(shape) / 8
    result = encode(spec("x", "int8", (1, 2, 3), **SCALE), real)
    assert (result.dtype, result.shape) == (np.int8, (1, 2, 3))
    assert result.ravel().tolist() == [-3, 5, 13, 21, 29, 37]


def test_lists_are_arrays(spec):
    assert encode(spec("x", "int8", (1, 2), **SCALE), [0.5, 1.0]).tolist() == [[29, 61]]
    assert encode(spec("x", "int32", (1, 2)), [5, 6]).dtype == np.int32


def test_raw_integers_of_the_inputs_type_are_used_as_they_are(spec):
    raw = np.array([[1, -128, 127]], np.int8)
    result = encode(spec("x", "int8", (1, 3), **SCALE), raw)
    assert np.shares_memory(result, raw)
    assert (result.dtype, result.tolist()) == (np.int8, raw.tolist())
    unsigned = np.array([[1, 255]], np.uint8)
    result = encode(spec("x", "uint8", (1, 2), scale=0.5, zero_point=9), unsigned)
    assert (result.dtype, result.tolist()) == (np.uint8, [[1, 255]])


@pytest.mark.parametrize("dtype", ["int16", "int32", "int64", "uint8", "bool"])
def test_other_integers_are_not_taken_for_reals_or_raw(spec, dtype):
    with pytest.raises(ValueMismatchError, match=f"input 'x': a {dtype} array was given"):
        encode(spec("x", "int8", (1, 2), **SCALE), np.ones((1, 2), dtype))


def test_pixels_without_declared_preprocessing_say_so(spec, picture):
    plain = spec("x", "int8", (1, 4, 6, 3), **SCALE)
    with pytest.raises(ValueMismatchError) as caught:
        encode(plain, picture)
    assert "no picture preprocessing is declared" in caught.value.hint
    for value in (Image.fromarray(picture), "a.png"):
        with pytest.raises(ValueMismatchError, match="no preprocessing is declared"):
            encode(plain, value)


def test_floats_for_a_float_input_take_its_type(spec):
    x = spec("x", "float32", (1, 2))
    result = encode(x, np.array([[0.1, 1e300]]))
    assert result.dtype == np.float32
    assert result.tolist() == [[float(np.float32(0.1)), np.inf]]
    with pytest.raises(ValueMismatchError, match=r"it takes real numbers \(floats\)"):
        encode(x, np.array([[1, 2]]))


@pytest.mark.parametrize("dtype", ["int8", "uint16", "int32", "int64"])
def test_token_ids_of_any_integer_type_are_cast(spec, dtype):
    result = encode(spec("ids", "int32", (1, 3), source="int64"), np.array([1, 2, 3], dtype))
    assert (result.dtype, result.tolist()) == (np.int32, [[1, 2, 3]])


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1])
def test_token_ids_that_do_not_fit_are_refused(spec, value):
    ids = spec("ids", "int32", (1, 2), source="int64")
    with pytest.raises(ValueMismatchError, match=f"{value}.* do not fit int32"):
        encode(ids, np.array([0, value]))
    unsigned = np.array([0, 2**64 - 1], np.uint64)
    with pytest.raises(ValueMismatchError, match="do not fit int64"):
        encode(spec("ids", "int64", (1, 2)), unsigned)


@pytest.mark.parametrize("value", [[1.0, 2.0], [True, False]])
def test_token_ids_must_be_integers(spec, value):
    with pytest.raises(ValueMismatchError, match="it takes integers"):
        encode(spec("ids", "int32", (1, 2)), np.array(value))


def test_flags_must_be_flags(spec):
    mask = spec("mask", "bool", (1, 2))
    assert encode(mask, [True, False]).tolist() == [[True, False]]
    with pytest.raises(ValueMismatchError, match="it takes bool values"):
        encode(mask, [1, 0])


@pytest.mark.parametrize("value", [[[1.0], [1.0, 2.0]], "text", None, {"a": 1}])
def test_what_is_no_array_is_refused(spec, value):
    with pytest.raises(ValueMismatchError, match="input 'x'"):
        encode(spec("x", "int8", (1, 2), **SCALE), value)


def test_nan_is_refused_with_the_inputs_name(spec):
    with pytest.raises(ValueMismatchError, match="input 'x': NaN cannot be quantized"):
        encode(spec("x", "int8", (1, 2), **SCALE), np.array([0.0, np.nan]))


def test_a_declared_picture_is_resized_normalised_and_quantized(photo, picture):
    expected = as_integers(normalised(picture))
    for value in (picture, picture[np.newaxis], Image.fromarray(picture)):
        result = encode(photo, value)
        assert (result.dtype, result.shape) == (np.int8, (1, 4, 6, 3))
        np.testing.assert_allclose(result, expected, atol=1)
        np.testing.assert_array_equal(result, encode(photo, normalised(picture)))
    small = Image.fromarray(picture).resize((6, 4), Image.Resampling.BILINEAR)
    large = Image.fromarray(picture).resize((30, 20), Image.Resampling.NEAREST)
    resized = large.resize((6, 4), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(encode(photo, large), encode(photo, np.asarray(resized)))
    np.testing.assert_array_equal(encode(photo, small), encode(photo, picture))


def test_a_picture_can_be_a_file(photo, picture, tmp_path):
    Image.fromarray(picture).save(tmp_path / "a.png")
    np.testing.assert_array_equal(encode(photo, tmp_path / "a.png"), encode(photo, picture))


def test_a_picture_for_a_float_input_is_normalised_only(spec, picture):
    result = encode(spec("x", "float32", (1, 4, 6, 3), image=IMAGE), picture)
    np.testing.assert_allclose(result, normalised(picture), rtol=1e-5, atol=1e-6)


def test_raw_integers_and_floats_still_reach_a_picture_input(photo, picture):
    raw = np.full((1, 4, 6, 3), 7, np.int8)
    np.testing.assert_array_equal(encode(photo, raw), raw)
    real = normalised(picture)
    np.testing.assert_array_equal(encode(photo, real), quantize(real, "int8", **SCALE))


def test_uint8_pixels_are_a_picture_even_for_a_uint8_input(spec, picture):
    x = spec("x", "uint8", (1, 4, 6, 3), scale=1 / 64, zero_point=125, image=IMAGE)
    expected = np.clip(np.round(normalised(picture) * 64) + 125, 0, 255)
    np.testing.assert_allclose(encode(x, picture), expected, atol=1)


def test_several_pictures_fit_a_batch(spec, picture):
    x = spec("x", "int8", (2, 4, 6, 3), axes=(0, 2, 3, 1), image=IMAGE, **SCALE)
    both = np.stack([picture, 255 - picture])
    result = encode(x, both)
    np.testing.assert_array_equal(result, encode(x, both.transpose(0, 3, 1, 2), "source"))
    one = encode(spec("x", "int8", (1, 4, 6, 3), image=IMAGE, **SCALE), picture)
    np.testing.assert_array_equal(result[:1], one)
    with pytest.raises(ValueMismatchError, match="1 pictures were given, the model takes 2"):
        encode(x, picture)


def test_source_layout_transposes_arrays(photo, picture):
    real = normalised(picture)
    source = real.transpose(0, 3, 1, 2)
    expected = encode(photo, real)
    np.testing.assert_array_equal(encode(photo, source, "source"), expected)
    np.testing.assert_array_equal(encode(photo, source[0], "source"), expected)
    pixels = picture.transpose(2, 0, 1)
    np.testing.assert_array_equal(encode(photo, pixels, "source"), expected)
    np.testing.assert_array_equal(encode(photo, pixels[np.newaxis], "source"), expected)
    # A Pillow image has no axes to speak of.
    np.testing.assert_array_equal(encode(photo, Image.fromarray(picture), "source"), expected)


def test_a_shape_of_the_other_layout_is_an_error_with_a_hint(photo, picture):
    source = normalised(picture).transpose(0, 3, 1, 2)
    for value in (source, source[0], picture.transpose(2, 0, 1)):
        with pytest.raises(ValueMismatchError, match="input 'photo'") as caught:
            encode(photo, value)
        assert "give layout='source'" in caught.value.hint
    with pytest.raises(ValueMismatchError, match=r"\(1, 4, 6, 3\), it must be \(1, 3, 4, 6\)") as (
        caught
    ):
        encode(photo, normalised(picture), "source")
    assert "give layout='model'" in caught.value.hint


def test_equal_sides_are_never_taken_for_the_other_layout(spec):
    cube = spec("x", "float32", (1, 3, 3, 3), axes=(0, 2, 3, 1))
    values = np.arange(27, dtype=np.float32).reshape(1, 3, 3, 3)
    np.testing.assert_array_equal(encode(cube, values), values)
    moved = encode(cube, values, "source")
    np.testing.assert_array_equal(moved, np.moveaxis(values, 1, 3))


@pytest.mark.parametrize("shape", [(2, 1, 3), (6,), (1, 1, 2, 3), (3, 2), (1, 2, 4), ()])
def test_other_shapes_are_refused(spec, shape):
    with pytest.raises(ValueMismatchError, match=r"it must be \(1, 2, 3\)") as caught:
        encode(spec("x", "int8", (1, 2, 3), **SCALE), np.zeros(shape))
    assert "layout='model' was assumed" in caught.value.hint


def test_only_a_batch_of_one_may_be_left_out(spec):
    with pytest.raises(ValueMismatchError, match=r"shape is \(3,\), it must be \(2, 3\)"):
        encode(spec("x", "int8", (2, 3), **SCALE), np.zeros(3))


def test_pictures_that_do_not_fit_are_refused_with_the_inputs_name(photo):
    for shape in [(4, 6), (4, 6, 4), (4,), (1, 1, 4, 6, 3)]:
        with pytest.raises(ValueMismatchError, match=r"input 'photo': .*no picture of 3 channels"):
            encode(photo, np.zeros(shape, np.uint8))


def test_an_unknown_layout_is_refused(photo, picture):
    with pytest.raises(UnknownNameError, match="unknown layout 'nchw'"):
        encode(photo, picture, "nchw")


def test_a_picture_for_channels_first_is_told_what_to_be(spec, tmp_path):
    """A network that flattens its picture at once keeps its channels first."""
    first = spec("photo", "int8", (1, 3, 4, 6), image=IMAGE, **SCALE)
    path = tmp_path / "photo.png"
    Image.new("RGB", (6, 4)).save(path)
    for value in (path, np.zeros((3, 4, 6), np.uint8)):
        with pytest.raises(ValueMismatchError) as caught:
            encode(first, value)
        assert "kept the source's axes, shape (1, 3, 4, 6)" in caught.value.hint
    values = np.zeros((1, 3, 4, 6), np.float32)
    assert encode(first, values).shape == (1, 3, 4, 6)
