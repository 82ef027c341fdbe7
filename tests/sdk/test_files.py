"""Files and folders that appear whole or not at all."""

import hashlib
import os
import stat

import pytest

from edgekit.errors import WriteError
from edgekit.files import (
    atomic_directory,
    atomic_write,
    check_output,
    replaced_directory,
    sha256_bytes,
    sha256_file,
)


def test_hashes(tmp_path):
    data = os.urandom(100_000)
    (tmp_path / "file").write_bytes(data)
    expected = hashlib.sha256(data).hexdigest()
    assert sha256_bytes(data) == sha256_file(tmp_path / "file") == expected


@pytest.mark.parametrize(("data", "content"), [(b"\x00\xff", b"\x00\xff"), ("ä\n", b"\xc3\xa4\n")])
def test_a_file_is_written_with_its_folders(tmp_path, data, content):
    path = tmp_path / "new" / "folders" / "file.bin"
    atomic_write(path, data)
    assert path.read_bytes() == content
    assert [item.name for item in path.parent.iterdir()] == ["file.bin"]


def test_an_older_file_is_replaced(tmp_path):
    path = tmp_path / "file"
    path.write_text("old and longer")
    atomic_write(path, "new")
    assert path.read_text() == "new"


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_permissions_are_those_of_any_new_file(tmp_path, mask):
    before = os.umask(mask)
    try:
        atomic_write(tmp_path / "file", "x")
        assert os.umask(mask) == mask  # it was put back
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o666 & ~mask


def test_a_place_that_cannot_be_written_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "file" / "x", tmp_path / "folder"):
        with pytest.raises(WriteError) as caught:
            atomic_write(path, "x")
        assert caught.value.path == path
    assert sorted(item.name for item in tmp_path.iterdir()) == ["file", "folder"]
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_folder_appears_when_its_block_ends(tmp_path):
    path = tmp_path / "deep" / "result"
    with atomic_directory(path) as scratch:
        (scratch / "file").write_text("x")
        assert scratch.parent == path.parent
        assert not path.exists()
    assert [item.name for item in path.iterdir()] == ["file"]
    assert [item.name for item in path.parent.iterdir()] == ["result"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_folder_does_not_appear_after_an_error(tmp_path, error):
    with pytest.raises(error), atomic_directory(tmp_path / "result") as scratch:  # noqa: PT012
        (scratch / "file").write_text("x")
        raise error
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_already_there_stays(tmp_path):
    with atomic_directory(tmp_path / "result") as scratch:
        (scratch / "file").write_text("second")
        (tmp_path / "result").mkdir()
        (tmp_path / "result" / "file").write_text("first")
    assert (tmp_path / "result" / "file").read_text() == "first"
    assert [item.name for item in tmp_path.iterdir()] == ["result"]


def test_a_folder_where_none_can_be(tmp_path):
    (tmp_path / "file").write_text("in the way")
    for path in (tmp_path / "file" / "result", tmp_path / "file"):
        with pytest.raises(WriteError), atomic_directory(path):
            pass
    assert [item.name for item in tmp_path.iterdir()] == ["file"]


def test_places_that_cannot_be_written(tmp_path):
    check_output(tmp_path / "new" / "folder" / "net.tflite")
    with pytest.raises(WriteError, match="Is a directory"):
        check_output(tmp_path)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WriteError, match="Not a directory"):
        check_output(tmp_path / "file" / "net.tflite")


def test_a_replaced_folder_holds_only_what_is_new(tmp_path):
    path = tmp_path / "deep" / "result"
    for name in ("first", "second"):
        with replaced_directory(path) as scratch:
            (scratch / name).write_text(name)
    assert [item.name for item in path.iterdir()] == ["second"]
    assert [item.name for item in path.parent.iterdir()] == ["result"]


def test_a_folder_that_could_not_be_replaced_stays(tmp_path):
    (tmp_path / "result").mkdir()
    (tmp_path / "result" / "file").write_text("first")
    with pytest.raises(RuntimeError), replaced_directory(tmp_path / "result"):
        raise RuntimeError
    (tmp_path / "taken").write_text("in the way")
    with pytest.raises(WriteError), replaced_directory(tmp_path / "taken"):
        pass
    assert (tmp_path / "result" / "file").read_text() == "first"
    assert sorted(item.name for item in tmp_path.iterdir()) == ["result", "taken"]
