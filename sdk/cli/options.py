"""Options that several subcommands declare alike."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

__all__ = ["choice_option", "given_options", "output_file_option"]


def output_file_option(text: str) -> Callable[[Any], Any]:
    """Return ``-o/--output`` with a help text; it arrives as ``path``, None where not given."""
    return click.option("-o", "--output", "path", type=click.Path(path_type=Path), help=text)


def choice_option(
    name: str, values: Iterable[str], text: str, *, default: str | None = None
) -> Callable[[Any], Any]:
    """Return an option with a fixed set of values.

    Args:
        name: With its dashes.
        values: What may be given; enums with string values will do.
        text: The help text, which says what happens without the option where it has no default.
        default: The value without the option, which the help shows.
    """
    choice = click.Choice([str(item) for item in values])
    if default is None:
        return click.option(name, type=choice, help=text)
    # As plain text: click takes an enum's member by its name, not by its value.
    return click.option(name, type=choice, default=str(default), show_default=True, help=text)


def given_options(names: Iterable[str]) -> list[str]:
    """Return those of some options, by their parameters' names, that stand on the command line."""
    context = click.get_current_context()
    default = click.core.ParameterSource.DEFAULT
    given = (name for name in names if context.get_parameter_source(name) is not default)
    return [f"--{name.replace('_', '-')}" for name in given]
