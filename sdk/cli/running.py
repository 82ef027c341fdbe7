"""What `run` and `benchmark` share: how a model is run, and silence while it runs."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

import click

from edgekit.cli.options import choice_option
from edgekit.cli.output import Output
from edgekit.runtime import Kernels

__all__ = ["running_options", "silent_interpreter"]

_STANDARD_ERROR = 2


def running_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options; they arrive as ``layout``, ``threads`` and ``kernels``."""
    for option in reversed(
        [
            choice_option(
                "--layout",
                ("model", "source"),
                "Whose axes arrays have: those of model.tflite (pictures: NHWC), or of the "
                "source model.",
                default="model",
            ),
            click.option(
                "--threads",
                type=click.IntRange(min=1),
                default=1,
                show_default=True,
                help="How many threads one inference may use.",
            ),
            choice_option(
                "--kernels",
                Kernels,
                "Which operator implementations run; they may differ in the last bits.",
                default=Kernels.DEFAULT,
            ),
        ]
    ):
        function = option(function)
    return function


@contextmanager
def silent_interpreter(output: Output) -> Iterator[TextIO]:
    """Keep what the interpreter's own code says from standard error, unless verbose.

    It tells which delegate it made, past Python; its errors arrive as exceptions too.

    Yields:
        A stream that still leads to standard error.
    """
    if output.verbose:
        yield sys.stderr
        return
    sys.stderr.flush()
    saved, nowhere = os.dup(_STANDARD_ERROR), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, _STANDARD_ERROR)
        with open(saved, "w", encoding=sys.stderr.encoding, closefd=False) as stream:
            yield stream
    finally:
        os.dup2(saved, _STANDARD_ERROR)
        os.close(saved)
        os.close(nowhere)
