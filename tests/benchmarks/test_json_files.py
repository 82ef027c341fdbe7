"""Files are written whole, and every kind of damage is one error."""

import pytest

from edgekit.benchmarks import ResultFormatError
from edgekit.benchmarks.json_files import check_version, read_json, write_json
from edgekit.errors import UnreadableFileError, WriteError


def test_what_is_written_is_read(tmp_path):
    write_json(tmp_path / "new" / "a.json", {"x": [1, 2.5, None]})
    assert read_json(tmp_path / "new" / "a.json", dict) == {"x": [1, 2.5, None]}
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.json"]


def test_nothing_is_left_of_what_json_does_not_have(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", {"x": float("nan")})
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError):
        write_json(tmp_path / "file" / "a.json", 1)


def refuse(data):
    raise ResultFormatError("result", f"it is {data}")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is not JSON"),
        (b"\x80", "it is not JSON"),
        (b"[" * 5_000, "it is not JSON"),
        (b"7", "this is no result: it is 7"),
    ],
)
def test_damage_is_one_error_that_names_the_file(tmp_path, content, why):
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match=why) as caught:
        read_json(path, refuse)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_the_same_error(tmp_path):
    with pytest.raises(UnreadableFileError, match="No such file"):
        read_json(tmp_path / "none.json", dict)


@pytest.mark.parametrize(
    ("data", "found"), [({"schema_version": 1}, "1"), ({}, "None"), ([2], "None"), (None, "None")]
)
def test_another_version_is_refused_with_both(data, found):
    check_version({"schema_version": 2}, "result", 2)
    with pytest.raises(ResultFormatError, match=f"version is {found}, this edgekit reads 2"):
        check_version(data, "result", 2)
