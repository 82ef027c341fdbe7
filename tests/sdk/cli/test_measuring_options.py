"""Where and how long to measure, as the command line says it."""

import click
import pytest
from click.testing import CliRunner

from edgekit.benchmarks import HostTarget, InvalidOptionError, target_names
from edgekit.cli.measuring_options import measuring_options, parse_options, parse_target
from edgekit.runtime import Kernels


@pytest.fixture
def parse():
    """Return what a command gets of arguments."""

    @click.command()
    @measuring_options
    def command(**given):
        command.given = given

    def run(*arguments):
        result = CliRunner().invoke(command, arguments)
        assert result.exit_code == 0, result.output
        return {**command.given, "threads": 2, "kernels": "reference"}

    return run


def test_options_become_those_of_a_benchmark(parse):
    options = parse_options(parse("--pin", "3, 1", "--windows", "4"))
    assert options.pin == (3, 1)
    assert (options.windows, options.threads, options.kernels) == (4, 2, Kernels.REFERENCE)
    assert parse_options(parse()).pin == ()


def test_what_makes_no_sense_is_refused(parse):
    with pytest.raises(InvalidOptionError, match="pin is"):
        parse_options(parse("--pin", "1,1"))


def test_a_target_is_opened_by_name(parse):
    assert parse_target(parse()) == HostTarget()
    assert parse_target(parse("--on", "host")) == HostTarget()


def test_names_of_targets_are_completed(parse):
    option = next(
        item for item in measuring_options(lambda: None).__click_params__ if item.name == "target"
    )
    context = click.Context(click.Command("x"))
    assert [item.value for item in option.shell_complete(context, "ho")] == ["host"]
    assert [item.value for item in option.shell_complete(context, "")] == list(target_names())
