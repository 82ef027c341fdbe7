"""Files become the values of inputs; which one is meant is never guessed."""

import numpy as np
import pytest

from edgekit.bundle import ImagePreprocessing
from edgekit.cli.input_files import InputFileError, every_sample, one_sample, read_input_files
from edgekit.converters.calibration.errors import InputNamesError
from edgekit.errors import UnknownNameError, UnreadableFileError


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    """Arrays and pictures in the current folder."""
    monkeypatch.chdir(tmp_path)
    np.save("four.npy", np.arange(4.0))
    np.savez("both.npz", a=np.zeros((3, 4)), b=np.ones((3, 4)))
    np.savez("one.npz", anything=np.arange(4.0), y=np.arange(3))
    (tmp_path / "cat.jpg").touch()
    (tmp_path / "a=b.jpg").touch()


@pytest.fixture
def specs(tflite_models):
    return [tflite_models.spec(name, "int8", (1, 4), scale=0.1, zero_point=0) for name in "ab"]


@pytest.fixture
def picture(tflite_models):
    image = ImagePreprocessing()
    return tflite_models.spec(
        "p", "int8", (1, 8, 6, 3), scale=1.0, zero_point=0, axes=(0, 2, 3, 1), image=image
    )


def test_one_input_needs_no_name(specs):
    np.testing.assert_array_equal(read_input_files(specs[:1], ["four.npy"])["a"], np.arange(4))
    np.testing.assert_array_equal(read_input_files(specs[:1], ["one.npz"])["a"], np.arange(4))


def test_several_inputs_come_from_one_file_or_several(specs):
    both = read_input_files(specs, ["both.npz"])
    assert {name: value.mean() for name, value in both.items()} == {"a": 0, "b": 1}
    mixed = read_input_files(specs, ["b=both.npz", "four.npy"])
    assert mixed["b"].shape == (3, 4)
    assert mixed["a"].shape == (4,)
    named = read_input_files(specs, ["a=one.npz", "b=four.npy"])
    np.testing.assert_array_equal(named["a"], named["b"])


def test_a_file_may_hold_some_of_the_inputs(specs):
    np.savez("b.npz", b=np.ones(4))
    values = read_input_files(specs, ["b.npz", "a=four.npy"])
    assert values["b"].mean() == 1
    np.savez("a.npz", a=np.zeros(4))
    assert read_input_files(specs, ["b.npz", "a.npz"]).keys() == {"a", "b"}


def test_pictures_stay_paths(picture):
    assert str(read_input_files([picture], ["cat.jpg"])["p"]) == "cat.jpg"
    assert str(read_input_files([picture], ["p=cat.jpg"])["p"]) == "cat.jpg"
    assert str(read_input_files([picture], ["a=b.jpg"])["p"]) == "a=b.jpg"
    assert str(read_input_files([picture], ["p=a=b.jpg"])["p"]) == "a=b.jpg"


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        (["c=four.npy"], UnknownNameError, "unknown input 'c'"),
        (["a=none.npy"], UnreadableFileError, "no such file"),
        (["."], UnreadableFileError, "no such file"),
        (["a=four.npy"], InputFileError, "nothing was given for input 'b'"),
        (["a=four.npy", "a=four.npy"], InputFileError, "input 'a' was given twice"),
        (["a=four.npy", "both.npz"], InputNamesError, "names in both.npz"),
        (["both.npz", "four.npy"], InputFileError, "all were given by name"),
        (["four.npy"], InputNamesError, "the names in four.npy"),
        (["cat.jpg"], InputFileError, "could be any of the inputs a, b"),
        (["a=cat.jpg", "b=four.npy"], InputFileError, "takes no pictures"),
    ],
)
def test_what_is_unclear_is_refused(specs, given, kind, message):
    with pytest.raises(kind) as caught:
        read_input_files(specs, given)
    assert message in caught.value.message


def test_a_sample_is_taken_from_a_row_of_them(specs):
    rows = {"a": np.arange(12).reshape(3, 4), "b": np.arange(12).reshape(3, 1, 4)}
    sample = one_sample(specs, rows, 1, "model")
    np.testing.assert_array_equal(sample["a"], [4, 5, 6, 7])
    np.testing.assert_array_equal(sample["b"], [[4, 5, 6, 7]])
    single = {"a": np.zeros((1, 4)), "b": np.zeros(4)}
    assert one_sample(specs, single, None, "model").keys() == {"a", "b"}
    assert one_sample(specs[:1], single, 0, "model")["a"].shape == (4,)


@pytest.mark.parametrize(
    ("array", "index", "message"),
    [
        (np.zeros((3, 4)), None, "has 3 samples"),
        (np.zeros((3, 4)), 3, "has no sample 3"),
        (np.zeros(4), 0, "is not a row of samples"),
        (np.zeros((3, 5)), 1, "is not a row of samples"),
    ],
)
def test_a_sample_that_is_not_there_is_refused(specs, array, index, message):
    with pytest.raises(InputFileError) as caught:
        one_sample(specs[:1], {"a": array}, index, "model")
    assert message in caught.value.message
    assert caught.value.hint


def test_the_other_layout_is_named_not_taken(picture):
    source = np.zeros((5, 3, 8, 6), np.float32)
    with pytest.raises(InputFileError) as caught:
        one_sample([picture], {"p": source}, 2, "model")
    assert caught.value.hint == "give --layout source"
    assert one_sample([picture], {"p": source}, 2, "source")["p"].shape == (3, 8, 6)


def test_pictures_in_an_array_may_have_any_size(picture):
    pictures = np.zeros((5, 100, 90, 3), np.uint8)
    assert one_sample([picture], {"p": pictures}, 4, "model")["p"].shape == (100, 90, 3)
    assert one_sample([picture], {"p": pictures[0]}, None, "model")["p"].shape == (100, 90, 3)
    with pytest.raises(InputFileError, match="has 5 samples"):
        one_sample([picture], {"p": pictures}, None, "model")
    assert len(every_sample([picture], {"p": pictures}, "model")) == 5
    assert len(every_sample([picture], {"p": pictures[:1]}, "model")) == 1


def test_every_sample_comes_once_and_in_order(specs):
    rows = {"a": np.arange(12).reshape(3, 4), "b": np.arange(12, 24).reshape(3, 4)}
    samples = every_sample(specs, rows, "model")
    assert [int(item["a"][0]) for item in samples] == [0, 4, 8]
    assert [int(item["b"][0]) for item in samples] == [12, 16, 20]
    assert len(every_sample(specs, {"a": np.zeros(4), "b": np.zeros((1, 4))}, "model")) == 1


def test_inputs_with_different_numbers_of_samples_are_refused(specs):
    with pytest.raises(InputFileError, match="a has 3, b has 2"):
        every_sample(specs, {"a": np.zeros((3, 4)), "b": np.zeros((2, 4))}, "model")
