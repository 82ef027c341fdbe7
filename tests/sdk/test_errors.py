"""Errors as text and as JSON."""

import json
import pickle
from pathlib import Path

import pytest

from edgekit.errors import (
    EdgekitError,
    MissingDependencyError,
    UnknownNameError,
    UnreadableFileError,
    WriteError,
)


def test_an_error_is_its_message_details_and_hint():
    error = EdgekitError("it is broken", hint="mend it", details=["here", "and there"])
    assert str(error) == "it is broken\n  here\n  and there\n  -> mend it"
    assert str(EdgekitError("it is broken")) == "it is broken"
    assert json.loads(json.dumps(error.to_json())) == {
        "error": "EdgekitError",
        "message": "it is broken",
        "details": ["here", "and there"],
        "hint": "mend it",
    }


@pytest.mark.parametrize(
    ("given", "near", "hint"),
    [
        ("raspberry-pi-4", ("raspberry-pi-4b",), "did you mean raspberry-pi-4b?"),
        ("zzzz", (), "known: nucleo, raspberry-pi-4b"),
    ],
)
def test_unknown_names_offer_the_nearest_or_all(given, near, hint):
    error = UnknownNameError("device", given, {"raspberry-pi-4b", "nucleo"})
    assert error.message == f"unknown device '{given}'"
    assert (error.given, error.near, error.hint) == (given, near, hint)
    assert error.to_json()["error"] == "UnknownNameError"


def test_a_missing_package_names_the_extra():
    error = MissingDependencyError("onnx", extra="convert", purpose="converting a model")
    assert error.message == ("converting a model needs the package 'onnx', which is not installed")
    assert (error.package, error.hint) == ("onnx", "pip install 'edgekit[convert]'")


def test_files_that_cannot_be_read_or_written():
    read = UnreadableFileError("a/b.onnx", "it is cut off", hint="fetch it again")
    assert str(read) == "cannot read a/b.onnx: it is cut off\n  -> fetch it again"
    assert read.path == Path("a/b.onnx")
    write = WriteError(Path("c"), OSError(28, "No space left on device"))
    assert write.message == "cannot write c: No space left on device"
    assert write.path == Path("c")
    assert "10 requested" in WriteError("c", OSError("10 requested and 3 written")).message


@pytest.mark.parametrize(
    "error",
    [
        EdgekitError("it broke", hint="mend it", details=["here", "there"]),
        UnknownNameError("device", "nucleo", ["nucleo-l4r5zi", "pixel-8"]),
        WriteError(Path("out.edgekit"), OSError(28, "No space left on device")),
    ],
)
def test_errors_cross_processes_whole(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert again.to_json() == error.to_json()
    assert again.__dict__.keys() == error.__dict__.keys()
