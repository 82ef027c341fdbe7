"""The one door: the right reader, the slice, the labels."""

import numpy as np
import pytest

from edgekit.bundle.manifest import ImagePreprocessing
from edgekit.converters.calibration import (
    InputDeclaration,
    InputSpec,
    NoSamplesError,
    load_samples,
    split,
)
from edgekit.converters.calibration.errors import BadValueError, SampleCountError
from edgekit.errors import UnknownNameError, UnreadableFileError

KEYWORDS = InputSpec("input", "float32", (1, 1, 49, 10))
X = InputSpec("x", "float32", (1, 4))
IDS = InputSpec("ids", "int64", (1, 4))


@pytest.fixture
def numbers(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, x=np.arange(40.0).reshape(10, 4), y=np.arange(10))
    return path


def test_keywords_divide_into_calibration_and_evaluation(test_data):
    path = test_data / "kws_eval.npz"
    first, rest = (load_samples(f"{path}{part}", [KEYWORDS]) for part in ("[:100]", "[100:]"))
    assert (len(first), len(rest)) == (100, 900)
    assert not set(first.digests) & set(rest.digests)
    assert first.warnings == rest.warnings == ()
    assert first.description == "kws_eval.npz[:100] (100 of 1000 samples)"
    with np.load(path) as content:
        np.testing.assert_array_equal(rest[0]["input"], content["x"][100:101])
        np.testing.assert_array_equal(rest.labels, content["y"][100:])
    everything = load_samples(path, [KEYWORDS])
    assert load_samples(path, [KEYWORDS], limit=100).sha256 == first.sha256
    calibration, evaluation = split(everything, 100)
    assert set(calibration.labels) == set(evaluation.labels) == set(range(12))


def test_npy(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(8.0).reshape(2, 1, 4))
    samples = load_samples(tmp_path / "a.npy", [X])
    assert [sample["x"].tolist() for sample in samples] == [[[0, 1, 2, 3]], [[4, 5, 6, 7]]]
    assert samples.labels is None


@pytest.mark.parametrize(
    ("suffix", "expected"),
    [
        ("[::-1]", list(range(9, -1, -1))),
        ("[8:2:-3]", [8, 5]),
        ("[-2:]", [8, 9]),
        ("[::4]", [0, 4, 8]),
    ],
)
def test_slices_keep_samples_and_labels_together(numbers, suffix, expected):
    samples = load_samples(f"{numbers}{suffix}", [X])
    assert [sample["x"][0, 0] / 4 for sample in samples] == expected
    assert samples.labels.tolist() == expected


def test_errors_name_the_sample_of_the_file(tmp_path):
    data = np.zeros((10, 4))
    data[7] = np.inf
    np.savez(tmp_path / "a.npz", x=data)
    with pytest.raises(BadValueError, match="sample 7"):
        load_samples(f"{tmp_path / 'a.npz'}[5:]", [X])
    load_samples(f"{tmp_path / 'a.npz'}[:7]", [X])


@pytest.mark.parametrize("suffix", ["[10:]", "[5:5]"])
def test_a_slice_of_nothing(numbers, suffix):
    with pytest.raises(NoSamplesError, match=r"10 samples in a\.npz"):
        load_samples(f"{numbers}{suffix}", [X])


def test_counts_differ_even_if_the_slice_hides_it(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((10, 4)), ids=np.zeros((9, 4), int))
    with pytest.raises(SampleCountError, match="x has 10, ids has 9"):
        load_samples(f"{tmp_path / 'a.npz'}[:5]", [X, IDS])


def test_an_array_without_axes(tmp_path):
    np.save(tmp_path / "a.npy", np.float32(3))
    with pytest.raises(NoSamplesError):
        load_samples(tmp_path / "a.npy", [X])


@pytest.mark.parametrize("y", [np.zeros(10), np.arange(9), np.full(10, -1), np.zeros((10, 2), int)])
def test_a_y_that_is_no_list_of_classes_gives_no_labels(tmp_path, y):
    np.savez(tmp_path / "a.npz", x=np.zeros((10, 4)), y=y)
    assert load_samples(tmp_path / "a.npz", [X]).labels is None


def test_pixels_with_declared_normalisation(tmp_path):
    np.save(tmp_path / "a.npy", np.full((3, 4), 255, np.uint8))
    declarations = {"x": InputDeclaration(image=ImagePreprocessing(std=(255.0,)))}
    samples = load_samples(tmp_path / "a.npy", [X], declarations=declarations)
    assert samples[0]["x"].tolist() == [[1, 1, 1, 1]]


def test_token_ids(tmp_path):
    np.savez(tmp_path / "a.npz", ids=np.arange(40, dtype=np.int32).reshape(10, 4))
    samples = load_samples(tmp_path / "a.npz", [IDS])
    assert samples[2]["ids"].dtype == np.int64
    np.savez(tmp_path / "a.npz", ids=np.full((10, 4), -100))
    with pytest.raises(BadValueError, match="-100 is negative"):
        load_samples(tmp_path / "a.npz", [IDS])


def test_unknown_kinds_and_names(tmp_path, numbers):
    (tmp_path / "a.json").touch()
    with pytest.raises(UnreadableFileError, match="not a kind of data") as caught:
        load_samples(tmp_path / "a.json", [X])
    assert "data.npz[:100]" in caught.value.hint
    with pytest.raises(UnreadableFileError, match="no such file"):
        load_samples(tmp_path / "b.npz", [X])
    with pytest.raises(UnknownNameError, match="unknown input 'z'"):
        load_samples(numbers, [X], declarations={"z": InputDeclaration()})
