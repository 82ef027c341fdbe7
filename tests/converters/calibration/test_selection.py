"""The slice suffix means what Python's own slices mean."""

from itertools import islice

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from edgekit.converters.calibration.errors import SelectorError
from edgekit.converters.calibration.selection import Selection
from edgekit.errors import UnreadableFileError

bounds = st.none() | st.integers(-30, 30)


@pytest.fixture(scope="module")
def data_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "kws.npz"
    path.touch()
    return path


@settings(deadline=None)
@given(bounds, bounds, bounds, st.integers(0, 25))
def test_selects_as_a_list_does(data_file, start, stop, step, count):
    assume(step != 0)
    written = ":".join("" if bound is None else str(bound) for bound in (start, stop, step))
    selection = Selection.parse(f"{data_file}[{written}]")
    assert selection.path == data_file
    assert list(selection.of(count)) == list(range(count))[start:stop:step]


@settings(deadline=None)
@given(bounds, bounds, bounds, st.integers(0, 25), st.none() | st.integers(1, 10))
def test_end_leaves_out_nothing_that_is_selected(data_file, start, stop, step, count, limit):
    assume(step != 0)
    selection = Selection(data_file, slice(start, stop, step), limit=limit)
    samples = list(range(count))
    read = list(islice(samples, selection.end))
    chosen = samples[start:stop:step][:limit]
    assert [read[position] for position in selection.of(len(read))] == chosen


def test_without_a_slice_everything_is_selected(data_file):
    selection = Selection.parse(data_file)
    assert list(selection.of(3)) == [0, 1, 2]
    assert selection.name == "kws.npz"
    assert selection.end is None


def test_name_keeps_the_slice_and_leaves_out_the_folder(data_file):
    assert Selection.parse(f"{data_file}[:100]").name == "kws.npz[:100]"


def test_limit_applies_to_the_slice(data_file):
    assert list(Selection.parse(f"{data_file}[10:]", limit=2).of(20)) == [10, 11]


def test_a_file_that_is_called_so_is_meant_literally(tmp_path):
    path = tmp_path / "odd[1:2]"
    path.touch()
    assert Selection.parse(path).path == path


@pytest.mark.parametrize("suffix", ["[5]", "[]", "[::0]", "[a:b]", "[1:2:3:4]", "[1.5:]"])
def test_brackets_without_a_slice_are_refused(data_file, suffix):
    with pytest.raises(SelectorError, match=r"\[:100\] first 100 samples") as caught:
        Selection.parse(f"{data_file}{suffix}")
    assert caught.value.suffix == suffix


@pytest.mark.parametrize("suffix", ["", "[:10]"])
def test_missing_file(tmp_path, suffix):
    with pytest.raises(UnreadableFileError, match="no such file"):
        Selection.parse(f"{tmp_path / 'none.npz'}{suffix}")
