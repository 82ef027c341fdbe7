"""Where a compressed model may go is settled before anything is read or trained."""

import pytest

pytest.importorskip("torch")

from edgekit.compressing import CompressionRecipe, compress_file
from edgekit.compressing.errors import CompressionError
from edgekit.errors import WriteError

RECIPE = CompressionRecipe("magnitude")


@pytest.fixture
def given(tmp_path):
    """Return a model, data and teacher, none of which would survive being opened."""
    files = {name: tmp_path / name for name in ("net.py", "train.npz", "teacher.py")}
    for path in files.values():
        path.write_text("raise SystemExit('opened')")
    return files


def run(given, output):
    model, data, teacher = given.values()
    compress_file(model, output, RECIPE, data=data, teacher=teacher)


@pytest.mark.parametrize("name", ["net.py", "train.npz", "teacher.py", "other.onnx", "plain"])
def test_only_a_pt2_is_written(given, tmp_path, name):
    before = {path: path.read_text() for path in given.values()}
    with pytest.raises(CompressionError, match=r"the result is a \.pt2 file") as caught:
        run(given, tmp_path / name)
    assert caught.value.hint == f"give -o {name.split('.')[0]}.pt2"
    assert {path: path.read_text() for path in given.values()} == before


def test_what_is_read_is_not_written(given, tmp_path):
    link = tmp_path / "link.pt2"
    link.symlink_to(given["net.py"])
    with pytest.raises(CompressionError, match="is what is read"):
        run(given, link)


def test_a_place_that_cannot_be_written_is_refused_first(given, tmp_path):
    with pytest.raises(WriteError, match="Not a directory"):
        run(given, given["net.py"] / "small.pt2")
