"""The command line's own failures say what happened and what to do."""

import click
import pytest

from edgekit.cli.failures import (
    InterruptedRunError,
    RefusedBySystemError,
    UnexpectedError,
    UsageError,
)
from edgekit.errors import EdgekitError


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (UsageError(click.UsageError("no such thing")), "no such thing"),
        (UsageError(click.BadParameter("too small")), "Invalid value: too small"),
        (InterruptedRunError(), "interrupted; nothing was left behind"),
        (RefusedBySystemError(OSError(28, "No space left", "/x/y")), "/x/y: No space left"),
        (RefusedBySystemError(OSError("odd")), "odd"),
        (UnexpectedError(KeyError("name")), "unexpected KeyError: 'name'"),
        (UnexpectedError(RuntimeError()), "unexpected RuntimeError: "),
    ],
)
def test_each_failure_has_a_message_of_one_line(failure, message):
    assert isinstance(failure, EdgekitError)
    assert failure.message == message
    assert failure.to_json()["error"] == type(failure).__name__
