"""Files of the user's run as `python file.py` would run them."""

import runpy
import sys

import pytest

from edgekit.converters.user_code import as_if_run, failing_line


def test_neighbours_can_be_imported_and_prints_go_to_stderr(tmp_path, capfd):
    (tmp_path / "edgekit_test_neighbour.py").write_text("value = 42\n")
    path = tmp_path / "file.py"
    path.write_text("import edgekit_test_neighbour as n\nprint('hello')\nanswer = n.value\n")
    before = list(sys.path)
    try:
        with as_if_run(path):
            assert runpy.run_path(str(path))["answer"] == 42
    finally:
        sys.modules.pop("edgekit_test_neighbour", None)
    assert sys.path == before
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "hello\n")


def test_the_path_is_restored_after_an_error_and_when_the_file_restored_it_itself(tmp_path):
    before = list(sys.path)
    with pytest.raises(ZeroDivisionError), as_if_run(tmp_path / "file.py"):
        raise ZeroDivisionError
    with as_if_run(tmp_path / "file.py"):
        sys.path.remove(str(tmp_path))
    assert sys.path == before


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\n\nb = 1 / 0\n", 3),
        ("def f():\n    raise KeyError('x')\n\nf()\n", 2),
        ("import json\njson.loads('{')\n", 2),
        ("a = 1\nb = (\n", 2),
    ],
)
def test_the_line_that_failed(tmp_path, text, line):
    path = tmp_path / "file.py"
    path.write_text(text)
    with pytest.raises(Exception) as caught, as_if_run(path):
        runpy.run_path(str(path))
    assert failing_line(caught.value, path) == line


def test_an_error_from_elsewhere_has_no_line(tmp_path):
    assert failing_line(ValueError("x"), tmp_path / "file.py") is None
