"""Reading NumPy files that may be anything, and pairing arrays with inputs."""

import contextlib
import pickle
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgekit.converters.calibration import InputSpec
from edgekit.converters.calibration.arrays import match_inputs, read_arrays
from edgekit.converters.calibration.errors import InputNamesError
from edgekit.errors import UnreadableFileError

X = InputSpec("x", "float32", (1, 4))
IDS = InputSpec("input_ids", "int64", (1, 4))
MASK = InputSpec("attention_mask", "int64", (1, 4))
ARRAY = np.arange(8, dtype=np.float32).reshape(2, 4)


def test_npz_and_npy(tmp_path):
    np.savez(tmp_path / "a.npz", x=ARRAY, y=np.array([1, 2]))
    np.save(tmp_path / "a.npy", ARRAY)
    assert list(read_arrays(tmp_path / "a.npz")) == ["x", "y"]
    np.testing.assert_array_equal(read_arrays(tmp_path / "a.npy")[""], ARRAY)


@pytest.mark.parametrize("suffix", [".npz", ".npy"])
@pytest.mark.parametrize("content", [b"", b"garbage" * 40, b"PK\x03\x04" + b"\0" * 40])
def test_garbage(tmp_path, suffix, content):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match="truncated or no NumPy file"):
        read_arrays(path)


@pytest.mark.parametrize("suffix", [".npz", ".npy"])
def test_truncated(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    np.savez_compressed(path, x=ARRAY) if suffix == ".npz" else np.save(path, ARRAY)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(UnreadableFileError):
        read_arrays(path)


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), compressed=st.booleans())
def test_damage_never_escapes_as_another_error(tmp_path, data, compressed):
    path = tmp_path / "a.npz"
    (np.savez_compressed if compressed else np.savez)(path, x=ARRAY)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    with contextlib.suppress(UnreadableFileError):
        read_arrays(path)


class Bomb:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (self.path, "w")


def test_pickled_objects_are_never_loaded(tmp_path):
    trace = tmp_path / "trace"
    objects = np.array([Bomb(str(trace))], dtype=object)
    np.savez(tmp_path / "a.npz", x=objects)
    np.save(tmp_path / "a.npy", objects)
    for name in ("a.npz", "a.npy"):
        with pytest.raises(UnreadableFileError, match="Python objects"):
            read_arrays(tmp_path / name)
    (tmp_path / "b.npy").write_bytes(pickle.dumps(Bomb(str(trace))))
    with pytest.raises(UnreadableFileError):
        read_arrays(tmp_path / "b.npy")
    assert not trace.exists()


def test_a_member_that_is_no_array(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(UnreadableFileError, match=r"readme\.txt"):
        read_arrays(tmp_path / "a.npz")


@pytest.mark.parametrize("key", ["x", "arr_0", "", "features"])
def test_one_array_for_one_input_may_be_called_anything(key):
    assert match_inputs({key: ARRAY, "y": ARRAY, "labels": ARRAY}, [X], "a.npz") == {"x": ARRAY}


def test_an_input_may_be_called_like_labels():
    label = InputSpec("label", "int64", (1,))
    arrays = {"x": ARRAY, "label": ARRAY[:, 0], "y": ARRAY}
    assert list(match_inputs(arrays, [X, label], "a.npz")) == ["x", "label"]


def test_several_inputs_come_in_the_models_order():
    arrays = {"attention_mask": ARRAY, "input_ids": ARRAY}
    assert list(match_inputs(arrays, [IDS, MASK], "a.npz")) == ["input_ids", "attention_mask"]


def test_wrong_names_are_listed_with_the_nearest():
    with pytest.raises(InputNamesError) as caught:
        match_inputs({"input_idx": ARRAY, "other": ARRAY}, [IDS, MASK], "a.npz")
    assert caught.value.unknown == ("input_idx", "other")
    assert caught.value.missing == ("input_ids", "attention_mask")
    assert "unknown: 'input_idx' (did you mean 'input_ids'?)" in caught.value.details
    assert "input_ids, attention_mask" in caught.value.hint


def test_two_candidates_for_one_input():
    with pytest.raises(InputNamesError, match="unknown: 'b'"):
        match_inputs({"a": ARRAY, "b": ARRAY}, [X], "a.npz")


def test_a_npy_cannot_feed_two_inputs():
    with pytest.raises(InputNamesError, match="missing: 'input_ids'") as caught:
        match_inputs({"": ARRAY}, [IDS, MASK], "a.npy")
    assert caught.value.unknown == ()
