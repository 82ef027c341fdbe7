"""Pictures become inputs the way Pillow and torchvision make them, or are refused by name."""

import sys

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from edgekit.bundle import ImagePreprocessing
from edgekit.errors import MissingDependencyError, UnknownNameError, UnreadableFileError
from edgekit.runtime import PictureError, load_image, normalise
from edgekit.runtime.preprocessing import is_picture


def random_pixels(height, width, channels=3, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height, width, channels), dtype=np.uint8)


sides = st.integers(1, 40)


@settings(max_examples=50, deadline=None)
@given(sides, sides, sides, sides)
def test_stretch_and_pad_are_pillows(high, wide, height, width):
    pixels = random_pixels(high, wide)
    image = Image.fromarray(pixels)
    stretched = image.resize((width, height), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(load_image(pixels, height, width, 3), stretched)
    # Where a side rounds to nothing, Pillow gives an empty picture; ours keeps one line of it.
    assume(round(high / wide * width) and round(wide / high * height))
    padded = ImageOps.pad(image, (width, height), Image.Resampling.BILINEAR, color=0)
    np.testing.assert_array_equal(load_image(pixels, height, width, 3, "pad"), padded)


@settings(max_examples=50, deadline=None)
@given(sides, sides, sides)
def test_crop_is_torchvisions_resize_and_center_crop(high, wide, size):
    pixels = random_pixels(high, wide)
    # torchvision/transforms/functional.py: _compute_resized_output_size and center_crop
    short, long = min(high, wide), max(high, wide)
    new_long = int(size * long / short)
    new_wide, new_high = (size, new_long) if wide <= high else (new_long, size)
    left, top = round((new_wide - size) / 2.0), round((new_high - size) / 2.0)
    resized = Image.fromarray(pixels).resize((new_wide, new_high), Image.Resampling.BILINEAR)
    expected = resized.crop((left, top, left + size, top + size))
    np.testing.assert_array_equal(load_image(pixels, size, size, 3, "crop"), expected)


@given(sides, sides, sides, sides, st.sampled_from(["stretch", "crop", "pad"]))
@settings(max_examples=50, deadline=None)
def test_the_size_is_always_what_was_asked_for(high, wide, height, width, resize):
    result = load_image(random_pixels(high, wide, 2), height, width, 2, resize)
    assert (result.shape, result.dtype) == ((height, width, 2), np.uint8)


def test_what_has_the_size_is_not_touched():
    pixels = random_pixels(5, 7)
    for resize in ("stretch", "crop", "pad"):
        np.testing.assert_array_equal(load_image(pixels, 5, 7, 3, resize), pixels)


def test_crop_keeps_the_middle_and_pad_adds_zeros():
    pixels = np.zeros((10, 30, 1), np.uint8)
    pixels[:, 10:20] = 200
    assert load_image(pixels, 10, 10, 1, "crop").tolist() == np.full((10, 10, 1), 200).tolist()
    padded = load_image(np.full((10, 30, 1), 9, np.uint8), 30, 30, 1, "pad")
    assert padded[:10].max() == 0
    assert padded[20:].max() == 0
    assert padded[10:20].min() == 9


def test_pillow_images_are_converted_and_files_read(tmp_path):
    pixels = random_pixels(4, 6)
    image = Image.fromarray(pixels)
    np.testing.assert_array_equal(load_image(image, 4, 6, 3), pixels)
    np.testing.assert_array_equal(load_image(image, 4, 6, 1)[:, :, 0], image.convert("L"))
    grey = image.convert("L")
    np.testing.assert_array_equal(load_image(grey, 4, 6, 3), np.stack([grey] * 3, axis=2))
    np.testing.assert_array_equal(load_image(image.convert("RGBA"), 4, 6, 3), pixels)
    assert load_image(image, 4, 6, 4)[:, :, 3].min() == 255
    assert load_image(image.convert("1"), 4, 6, 1).max() == 255
    image.save(tmp_path / "a.png")
    np.testing.assert_array_equal(load_image(tmp_path / "a.png", 4, 6, 3), pixels)
    np.testing.assert_array_equal(load_image(str(tmp_path / "a.png"), 4, 6, 3), pixels)


def test_an_array_without_a_channel_axis_is_grey():
    pixels = random_pixels(4, 6, 1)
    np.testing.assert_array_equal(load_image(pixels[:, :, 0], 4, 6, 1), pixels)
    with pytest.raises(PictureError, match=r"shape \(4, 6\) is no picture of 3 channels"):
        load_image(pixels[:, :, 0], 4, 6, 3)


@pytest.mark.parametrize("shape", [(4, 6, 3), (6,), (1, 4, 6, 1), (1, 4, 6)])
def test_arrays_of_another_shape_are_refused(shape):
    with pytest.raises(PictureError, match="no picture of 1 channels") as caught:
        load_image(np.zeros(shape, np.uint8), 4, 6, 1)
    assert "[height, width]" in caught.value.hint


@pytest.mark.parametrize(
    ("source", "match"),
    [
        (np.zeros((4, 6, 3), np.float32), "from a float32 array"),
        ([[1, 2]], "from a list"),
        (None, "from a NoneType"),
        (np.zeros((0, 6, 3), np.uint8), "no pixels"),
    ],
)
def test_what_is_no_picture_is_refused(source, match):
    with pytest.raises(PictureError, match=match):
        load_image(source, 4, 6, 3)


def test_pillow_images_that_would_be_cut_or_guessed_are_refused():
    for mode in ("I;16", "I", "F"):
        with pytest.raises(PictureError, match="more than 8 bits"):
            load_image(Image.new(mode, (6, 4)), 4, 6, 1)
    with pytest.raises(PictureError, match="input of 2 channels"):
        load_image(Image.new("RGB", (6, 4)), 4, 6, 2)


def test_broken_files_are_refused(tmp_path):
    path = tmp_path / "a.png"
    with pytest.raises(UnreadableFileError, match="No such file"):
        load_image(path, 4, 6, 3)
    path.write_bytes(b"not an image")
    with pytest.raises(UnreadableFileError, match="cannot identify"):
        load_image(path, 4, 6, 3)
    Image.fromarray(random_pixels(64, 64)).save(path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(UnreadableFileError, match=r"a\.png"):
        load_image(path, 4, 6, 3)


def test_an_unknown_way_to_resize_is_refused_with_the_nearest():
    with pytest.raises(UnknownNameError) as caught:
        load_image(random_pixels(4, 6), 4, 6, 3, "strech")
    assert caught.value.near == ("stretch",)


def test_pillow_is_only_needed_for_files_and_to_resize(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "PIL", None)
    pixels = random_pixels(4, 6)
    np.testing.assert_array_equal(load_image(pixels, 4, 6, 3), pixels)
    with pytest.raises(MissingDependencyError, match="resizing pictures needs"):
        load_image(pixels, 5, 6, 3)
    with pytest.raises(MissingDependencyError, match="reading image files needs"):
        load_image(tmp_path / "a.png", 4, 6, 3)


def test_is_picture():
    assert is_picture(np.zeros((2, 2), np.uint8))
    assert is_picture(Image.new("L", (2, 2)))
    assert is_picture("a.png")
    assert not is_picture(np.zeros((2, 2), np.int8))
    assert not is_picture([1, 2])


def test_normalise_is_pixel_minus_mean_over_std_per_channel():
    pixels = random_pixels(3, 4)
    image = ImagePreprocessing(mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375))
    result = normalise(pixels, image)
    expected = (pixels.astype(np.float64) - np.array(image.mean)) / np.array(image.std)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-6)
    one = normalise(pixels, ImagePreprocessing(mean=(127.5,), std=(127.5,)))
    assert one.min() >= -1
    assert one.max() <= 1
    np.testing.assert_array_equal(normalise(pixels, ImagePreprocessing()), pixels)


@pytest.mark.parametrize(
    ("image", "match"),
    [
        (ImagePreprocessing(mean=(1.0, 2.0)), "mean .* does not fit a picture of 3 channels"),
        (ImagePreprocessing(std=()), "std .* does not fit"),
        (ImagePreprocessing(std=(1.0, 0.0, 1.0)), "has a zero"),
        (ImagePreprocessing(mean=(float("nan"),)), "not finite"),
    ],
)
def test_preprocessing_that_means_nothing_is_refused(image, match):
    with pytest.raises(PictureError, match=match):
        normalise(random_pixels(3, 4), image)
