"""Options that several subcommands share: what arrives, and what the help says."""

from enum import StrEnum
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from edgekit.cli.options import choice_option, given_options, output_file_option


class Size(StrEnum):
    """Sizes whose names are not their values."""

    SMALL = "small"
    LARGE = "very-large"


@click.command()
@output_file_option("Where to.")
@choice_option("--size", Size, "How large.", default=Size.SMALL)
@choice_option("--colour", ("red", "blue"), "Which colour.  [default: the sky's]")
def command(**given):
    click.echo(given)


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("", {"path": None, "size": "small", "colour": None}),
        ("-o a/b", {"path": Path("a/b"), "size": "small", "colour": None}),
        (
            "--output c --size very-large --colour red",
            {"path": Path("c"), "size": "very-large", "colour": "red"},
        ),
    ],
)
def test_what_arrives(line, given):
    result = CliRunner().invoke(command, line.split())
    assert (result.exit_code, result.output) == (0, f"{given}\n")


def test_other_values_are_usage_errors():
    result = CliRunner().invoke(command, ["--size", "huge"])
    assert result.exit_code == 2
    assert "'huge' is not one of 'small', 'very-large'" in result.output


def test_help_shows_values_and_defaults():
    text = " ".join(CliRunner().invoke(command, ["--help"]).output.split())
    assert "-o, --output PATH Where to." in text
    assert "--size [small|very-large] How large. [default: small]" in text
    assert "--colour [red|blue] Which colour. [default: the sky's]" in text


@click.command()
@click.option("--fail-if-slower", default="5%")
@click.option("--rounds", default=3)
def other(**given):
    click.echo(given_options(given))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "[]"),
        ("--rounds 3", "['--rounds']"),
        ("--fail-if-slower 5% --rounds 4", "['--fail-if-slower', '--rounds']"),
    ],
)
def test_what_was_given_is_told_from_defaults(line, said):
    assert CliRunner().invoke(other, line.split()).output == f"{said}\n"
