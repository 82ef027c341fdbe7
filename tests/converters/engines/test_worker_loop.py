"""The child's side of the conversation, in this process."""

import io
import json
import os
import sys

import pytest

from edgekit.converters.engines.worker_loop import serve


@pytest.fixture
def converse(monkeypatch, tmp_path):
    """Serve commands from a text and return the replies."""

    def run(commands, *requests):
        replies = tmp_path / "replies"
        writing = os.open(replies, os.O_WRONLY | os.O_CREAT)
        monkeypatch.setattr(sys, "argv", ["worker", str(writing)])
        lines = "".join(f"{json.dumps(request)}\n" for request in requests)
        monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
        serve(commands)
        return [json.loads(line) for line in replies.read_text().splitlines()]

    return run


def test_it_ends_when_the_input_does(converse):
    assert converse({}) == []


def test_each_command_has_a_reply(converse):
    commands = {"double": lambda arguments: {"twice": 2 * arguments["x"]}}
    requests = ({"command": "double", "x": number} for number in (1, 2))
    assert converse(commands, *requests) == [{"twice": 2}, {"twice": 4}]


def test_errors_are_replies_with_the_whole_text(converse, capsys):
    def fail(arguments):
        raise arguments["error"]("one\ntwo")

    commands = {
        "fail": lambda _: fail({"error": ValueError}),
        "leave": lambda _: sys.exit("bye"),
        "long": lambda _: fail({"error": lambda _: RuntimeError("x" * 200_000)}),
    }
    given = converse(
        commands,
        {"command": "fail"},
        {"command": "leave"},
        {"command": "none"},
        {"command": "long"},
    )
    assert [reply["error"] for reply in given[:3]] == [
        "ValueError: one\ntwo",
        "SystemExit: bye",
        "KeyError: 'none'",
    ]
    assert len(given[3]["error"]) == 100_000
    assert "Traceback" in capsys.readouterr().err
