"""The options of energy complete the names of meters."""

import click
from click.shell_completion import ShellComplete

from edgekit.benchmarks.power import meter_names
from edgekit.cli.benchmark import command


def complete(text):
    found = ShellComplete(command, {}, "benchmark", "_X").get_completions(["--power"], text)
    return [item.value for item in found]


def test_names_of_meters_are_completed():
    assert complete("") == [*meter_names(), "profile"]
    assert complete("ina2") == ["ina219", "ina226", "ina260"]


def test_the_help_names_both():
    text = command.get_help(click.Context(command))
    assert "--power METER[:OPTION=VALUE,...]" in text
    assert "--idle-seconds" in text
