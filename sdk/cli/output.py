"""What every subcommand shares: how much to say, and text or JSON."""

import json
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TextIO

import click

__all__ = ["CONTEXT", "Output", "output_options"]

CONTEXT = {"help_option_names": ["-h", "--help"]}

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Output:
    """How much to say and in which form.

    Attributes:
        json: One JSON document on standard output, and nothing else there.
        quiet: Errors only.
        verbose: Also what was decided on the way, and the time of each stage.
    """

    json: bool
    quiet: bool
    verbose: bool

    def result(self, data: Any, show: Callable[[Any], None]) -> None:
        """Print a result: ``data`` as JSON, or what ``show`` prints on a rich console."""
        if self.json:
            sys.stdout.write(json.dumps(_finite(data), indent=1, allow_nan=False) + "\n")
        elif not self.quiet:
            show(self.console())

    def text(self, data: Any, text: str) -> None:
        """Print a result: ``data`` as JSON, or ``text`` exactly as it is."""
        if self.json:
            self.result(data, lambda _: None)
        elif not self.quiet:
            sys.stdout.write(text)

    @staticmethod
    def console(*, stderr: bool = False, stream: TextIO | None = None) -> Any:
        """Return a console that fits the terminal, or 120 columns of plain text without one.

        Args:
            stderr: Whether it is for standard error.
            stream: Where it leads instead, if anywhere else.
        """
        from rich.console import Console

        if stream is None:
            stream = sys.stderr if stderr else sys.stdout
        width = None if stream.isatty() else 120
        # What is printed holds names from files: a tensor called [red] is no markup.
        return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def output_options(
    function: Callable[Concatenate[Output, P], None],
) -> Callable[P, None]:
    """Give a subcommand --json, --quiet, --verbose and --debug; it gets an :class:`Output`."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
    @click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
    @click.option("-v", "--verbose", is_flag=True, help="Print decisions and timings as well.")
    @click.option("--debug", is_flag=True, help="Show a traceback with errors.")
    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        kwargs.pop("debug")  # read by main, which is where errors become text
        output = Output(
            json=bool(kwargs.pop("as_json")),
            quiet=bool(kwargs.pop("quiet")),
            verbose=bool(kwargs.pop("verbose")),
        )
        function(output, *args, **kwargs)

    return wrapped


def _finite(data: Any) -> Any:
    """Return ``data`` with None for NaN and infinity, which JSON does not have."""
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data
