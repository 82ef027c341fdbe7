"""Folders of pictures."""

import numpy as np
import pytest
from PIL import Image

from edgekit.bundle.manifest import ImagePreprocessing
from edgekit.converters.calibration import (
    CalibrationError,
    Channels,
    InputDeclaration,
    InputSpec,
    NoSamplesError,
    load_samples,
)
from edgekit.converters.calibration.errors import DeclarationError
from edgekit.converters.calibration.images import list_images
from edgekit.errors import UnreadableFileError

COLOUR = InputSpec("image", "float32", (1, 3, 8, 6))
IMAGENET = ImagePreprocessing((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
UNIT = ImagePreprocessing((0.0,), (255.0,))


def pixels_of(seed, height=8, width=6):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def save(path, seed=0, **size):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels_of(seed, **size)).save(path)


def load(folder, spec=COLOUR, image=UNIT, channels=Channels.FIRST):
    declaration = InputDeclaration(image=image, source_channels=channels)
    return load_samples(folder, [spec], declarations={spec.name: declaration})


@pytest.fixture
def folder(tmp_path):
    for seed, name in enumerate(["b.png", "a.PNG", "c.bmp"]):
        save(tmp_path / name, seed)
    (tmp_path / "readme.txt").write_text("not a picture")
    (tmp_path / ".hidden.png").write_bytes(b"not a picture")
    return tmp_path


def test_pictures_come_sorted_normalised_and_channels_first(folder):
    samples = load(folder, image=IMAGENET)
    assert len(samples) == 3
    for sample, seed in zip(samples, [1, 0, 2], strict=True):
        expected = (pixels_of(seed).astype(np.float64) - IMAGENET.mean) / IMAGENET.std
        assert sample["image"].dtype == np.float32
        assert sample["image"].shape == (1, 3, 8, 6)
        np.testing.assert_allclose(
            sample["image"][0], expected.transpose(2, 0, 1), rtol=1e-5, atol=1e-6
        )
    assert samples.labels is None


def test_a_channels_last_model_gets_its_channels_last(folder):
    spec = InputSpec("image", "float32", (1, 8, 6, 3))
    samples = load(folder, spec, channels=Channels.LAST)
    np.testing.assert_allclose(samples[1]["image"][0], pixels_of(0) / 255, rtol=1e-6)


def test_uint8_models_get_pixels(folder):
    spec = InputSpec("image", "uint8", (1, 3, 8, 6))
    samples = load_samples(folder, [spec])
    np.testing.assert_array_equal(samples[1]["image"][0], pixels_of(0).transpose(2, 0, 1))
    assert samples[1]["image"].dtype == np.uint8


def test_pictures_are_resized_as_declared(tmp_path):
    save(tmp_path / "a.png", height=16, width=24)
    crop = load(tmp_path, image=ImagePreprocessing(std=(255.0,), resize="crop"))
    stretch = load(tmp_path, image=ImagePreprocessing(std=(255.0,), resize="stretch"))
    assert crop[0]["image"].shape == stretch[0]["image"].shape == (1, 3, 8, 6)
    assert crop.sha256 != stretch.sha256


def test_grey(tmp_path):
    save(tmp_path / "a.png")
    samples = load(tmp_path, InputSpec("image", "float32", (1, 1, 8, 6)))
    assert samples[0]["image"].shape == (1, 1, 8, 6)


def test_class_folders_give_labels_and_take_turns(tmp_path):
    for name, count in {"dog": 2, "cat": 3, "emu": 1}.items():
        for seed in range(count):
            save(tmp_path / name / f"{seed}.png", seed)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / ".git").mkdir()
    samples = load(tmp_path)
    assert samples.label_names == ("cat", "dog", "emu")
    assert samples.labels.tolist() == [0, 1, 2, 0, 1, 0]
    part = load(f"{tmp_path}[1:3]")
    assert part.labels.tolist() == [1, 2]
    assert part.digests == samples.digests[1:3]
    assert part.description == f"{tmp_path.name}[1:3] (2 of 6 samples)"


def test_a_path_with_a_trailing_dot_has_a_name(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert load(".").description == f"{folder.name} (3 of 3 samples)"


def test_empty_folder(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(NoSamplesError, match="no calibration data"):
        load(tmp_path)


def test_empty_class(tmp_path):
    save(tmp_path / "cat" / "a.png")
    (tmp_path / "dog").mkdir()
    with pytest.raises(CalibrationError, match="'dog' holds no pictures"):
        load(tmp_path)


def test_pictures_beside_classes(tmp_path):
    save(tmp_path / "a.png")
    save(tmp_path / "cat" / "a.png")
    with pytest.raises(CalibrationError, match="pictures and subfolders"):
        load(tmp_path)


@pytest.mark.parametrize("keep", [0, 30, -20])
def test_unreadable_pictures_are_named(folder, keep):
    whole = (folder / "c.bmp").read_bytes()
    (folder / "c.bmp").write_bytes(whole[:keep])
    with pytest.raises(UnreadableFileError, match=r"c\.bmp"):
        load(folder)


def test_pictures_of_unusable_depth_are_named(tmp_path):
    Image.fromarray(np.zeros((8, 6), np.int32)).save(tmp_path / "deep.tif")
    with pytest.raises(UnreadableFileError, match=r"deep\.tif"):
        load(tmp_path)


def test_normalisation_must_be_declared(folder):
    with pytest.raises(DeclarationError) as caught:
        load_samples(folder, [COLOUR])
    assert "--mean/--std" in caught.value.hint


@pytest.mark.parametrize("image", [ImagePreprocessing((1.0, 2.0)), ImagePreprocessing(std=(0.0,))])
def test_normalisation_must_fit(folder, image):
    with pytest.raises(DeclarationError, match="'image'"):
        load(folder, image=image)


@pytest.mark.parametrize(
    ("shape", "channels", "hint"),
    [
        ((1, 8, 6, 3), Channels.FIRST, "--source-channels image=last"),
        ((1, 3, 8, 6), Channels.LAST, "--source-channels image=first"),
        ((1, 8, 6, 2), Channels.FIRST, ".npz"),
        ((1, 640), Channels.FIRST, ".npz"),
        ((2, 3, 8, 6), Channels.FIRST, ".npz"),
    ],
)
def test_inputs_that_are_no_pictures(folder, shape, channels, hint):
    with pytest.raises(DeclarationError) as caught:
        load(folder, InputSpec("image", "float32", shape), channels=channels)
    assert hint in caught.value.hint


def test_models_with_two_inputs_cannot_take_a_folder(folder):
    with pytest.raises(CalibrationError, match="2 inputs: image, ids"):
        load_samples(folder, [COLOUR, InputSpec("ids", "int64", (1, 4))])


def test_a_broken_value_is_named_by_its_file(folder):
    samples = load(folder)
    assert samples.reader.origin(0) == "a.PNG"


def test_no_folder(tmp_path):
    with pytest.raises(UnreadableFileError):
        list_images(tmp_path / "none")
