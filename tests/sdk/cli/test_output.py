"""Results are text or one JSON document, and nothing when quiet."""

import json
import math

import pytest

from edgekit.cli.output import Output


def output(*, json=False, quiet=False):
    return Output(json=json, quiet=quiet, verbose=False)


def test_text_is_what_the_function_prints(capsys):
    output().result({"a": 1}, lambda console: console.print("shown"))
    assert capsys.readouterr().out == "shown\n"


def test_names_are_no_markup(capsys):
    output().result({}, lambda console: console.print("tensor [red]x[/red] :smile: [/]"))
    assert capsys.readouterr().out == "tensor [red]x[/red] :smile: [/]\n"


def test_json_is_one_document_without_nan(capsys):
    data = {"a": [1.5, math.nan], "b": ({"c": math.inf},), "d": "NaN", "e": None}
    output(json=True).result(data, lambda _: pytest.fail("no text with --json"))
    text = capsys.readouterr().out
    found = json.loads(text, parse_constant=pytest.fail)
    assert found == {"a": [1.5, None], "b": [{"c": None}], "d": "NaN", "e": None}


def test_quiet_prints_nothing(capsys):
    output(quiet=True).result({}, lambda _: pytest.fail("quiet"))
    output(quiet=True).text({}, "text")
    assert capsys.readouterr().out == ""


def test_a_quiet_json_document_is_still_printed(capsys):
    output(json=True, quiet=True).result([1], lambda _: None)
    assert json.loads(capsys.readouterr().out) == [1]


def test_plain_text_is_not_wrapped(capsys):
    line = "x" * 500 + "\n"
    output().text({"line": line}, line)
    assert capsys.readouterr().out == line
    output(json=True).text({"line": line}, line)
    assert json.loads(capsys.readouterr().out) == {"line": line}
