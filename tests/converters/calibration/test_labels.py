"""Labels from every kind of file."""

import numpy as np
import pytest
from PIL import Image

from edgekit.converters.calibration import load_labels
from edgekit.converters.calibration.errors import LabelError
from edgekit.errors import UnknownNameError, UnreadableFileError


@pytest.mark.parametrize("key", ["y", "labels", "label"])
def test_npz(tmp_path, key):
    np.savez(tmp_path / "a.npz", x=np.zeros((3, 4)), **{key: np.array([2, 0, 1], np.uint8)})
    labels = load_labels(tmp_path / "a.npz")
    assert labels.dtype == np.int64
    assert labels.tolist() == [2, 0, 1]
    assert load_labels(f"{tmp_path / 'a.npz'}[1:]").tolist() == [0, 1]


@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_npy(tmp_path, shape):
    np.save(tmp_path / "a.npy", np.array([2, 0, 1]).reshape(shape))
    assert load_labels(tmp_path / "a.npy").tolist() == [2, 0, 1]
    assert load_labels(f"{tmp_path / 'a.npy'}[::-1]").tolist() == [1, 0, 2]


def test_keyword_labels(test_data):
    labels = load_labels(f"{test_data / 'kws_eval.npz'}[100:]")
    assert labels.shape == (900,)
    assert set(labels) == set(range(12))


@pytest.mark.parametrize("suffix", [".csv", ".txt"])
@pytest.mark.parametrize("content", ["2\n0\n1\n", "\ufeff2\r\n0\r\n1", " 2\n0 \n1\n\n"])
def test_lines_of_integers(tmp_path, suffix, content):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content.encode())
    assert load_labels(path).tolist() == [2, 0, 1]
    assert load_labels(f"{path}[:2]").tolist() == [2, 0]


def test_lines_of_names(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("go\nup\ngo\n")
    assert load_labels(path, label_names=["up", "go"]).tolist() == [1, 0, 1]
    with pytest.raises(UnknownNameError, match=r"'up'.*\n.*did you mean upp"):
        load_labels(path, label_names=["upp", "go"])
    with pytest.raises(LabelError, match="'go' is no integer"):
        load_labels(path)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("1\n\n2\n", "line 2 is empty"),
        ("1\n-2\n", "-2 is negative"),
        ("1\n99999999999999999999\n", "is no integer"),
        ("1.0\n", "is no integer"),
        ("²\n", "is no integer"),
        ("", "none of 0 labels"),
    ],
)
def test_wrong_lines(tmp_path, content, what):
    path = tmp_path / "a.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(LabelError, match=what):
        load_labels(path)


@pytest.mark.parametrize(
    "array", [np.zeros(3), np.zeros((3, 4), int), np.array([1, -1]), np.array(["a"])]
)
def test_wrong_arrays(tmp_path, array):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(LabelError, match=r"a\.npy"):
        load_labels(tmp_path / "a.npy")


def test_npz_without_labels(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros(3))
    with pytest.raises(LabelError, match="among x"):
        load_labels(tmp_path / "a.npz")


def test_beyond_the_names(tmp_path):
    np.save(tmp_path / "a.npy", np.array([0, 5]))
    with pytest.raises(LabelError, match="class index 5 with 2 class names"):
        load_labels(tmp_path / "a.npy", label_names=["a", "b"])


def test_class_folders(tmp_path):
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
        Image.new("RGB", (4, 4)).save(tmp_path / name / "1.png")
    assert load_labels(tmp_path).tolist() == [0, 1]
    with pytest.raises(LabelError, match="one subfolder a class"):
        load_labels(tmp_path / "a")


@pytest.mark.parametrize("name", ["a.json", "a.csv", "a.npz"])
def test_unreadable(tmp_path, name):
    (tmp_path / name).write_bytes(b"\xff\xfe\xff")
    with pytest.raises(UnreadableFileError):
        load_labels(tmp_path / name)
