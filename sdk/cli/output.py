"""What every subcommand shares: how much to say, and text or JSON."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec

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
            sys.stdout.write(json.dumps(data, indent=1) + "\n")
        elif not self.quiet:
            show(self.console())

    def note(self, text: str) -> None:
        """Say something on standard error, unless quiet."""
        if not self.quiet:
            sys.stderr.write(f"{text}\n")

    @staticmethod
    def console(*, stderr: bool = False) -> Any:
        """Return a console that fits the terminal, or 120 columns of plain text without one."""
        from rich.console import Console

        stream = sys.stderr if stderr else sys.stdout
        width = None if stream.isatty() else 120
        return Console(stderr=stderr, width=width, highlight=False, soft_wrap=False)


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
