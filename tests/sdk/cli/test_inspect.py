"""`edgekit inspect` takes three kinds of files, and refuses everything else in one line."""

import json

import pytest

from edgekit.bundle import Bundle
from edgekit.errors import UnreadableFileError


@pytest.mark.parametrize("name", ["net.onnx", "net.edgekit", "net.tflite"])
def test_each_kind_of_file_says_what_it_is(in_project, invoke_here, name):
    path = in_project.folder / "net.tflite"
    path.write_bytes(Bundle.open(in_project.bundle).model)
    try:
        text = invoke_here("inspect", name).stdout
        assert text.startswith(f"{name}: ")
        assert "input image: " in text
        assert "output scores: " in text
        data = json.loads(invoke_here("inspect", name, "--json").stdout)
        kind = {"net.onnx": "onnx", "net.edgekit": "bundle", "net.tflite": "tflite"}[name]
        assert data["kind"] == kind
        assert data["path"] == name
        assert data["size_bytes"] == (in_project.folder / name).stat().st_size
        assert invoke_here("inspect", name, "--quiet").output == ""
    finally:
        path.unlink()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("net.onnx", None, "no such file"),
        ("net.txt", b"text", "not a kind of file to inspect"),
        ("folder.edgekit", "folder", "no such file"),
        ("net.onnx", b"\xff" * 100, "truncated or no ONNX model"),
        ("net.onnx", b"", "lacks operators"),
        ("net.tflite", b"", "not a TFLite model"),
        ("net.tflite", b"\x1c\0\0\0TFL3" + b"\xff" * 64, "damaged flatbuffer"),
        ("net.edgekit", b"", "not a zip file"),
        ("net.edgekit", b"PK\x03\x04" + bytes(100), "truncated or damaged"),
    ],
)
def test_what_cannot_be_read_is_a_one_line_error(run_main, tmp_path, name, content, message):
    path = tmp_path / name
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    status, out, err = run_main("inspect", path)
    assert (status, out) == (1, "")
    first, *hint = err.splitlines()
    assert first.startswith("error: ")
    assert message in first
    assert name in first
    assert all(line.startswith("  -> ") for line in hint)


def test_the_suffix_may_be_in_capitals(invoke, tmp_path):
    (tmp_path / "NET.TFLITE").write_bytes(b"x")
    assert isinstance(invoke("inspect", "NET.TFLITE").exception, UnreadableFileError)
