"""The `edgekit` command: the list of subcommands, and the one place where errors become text."""

import json
import signal
import sys
from importlib import import_module
from typing import NoReturn

import click

from edgekit.errors import EdgekitError

__all__ = ["cli", "main"]

# name -> (module, help): a subcommand's module is imported when it is called.
_COMMANDS = {
    "build": ("edgekit.cli.build", "Convert a model, prove it, and write a bundle."),
    "inspect": ("edgekit.cli.inspect", "Show what is in a model or a bundle."),
    "run": ("edgekit.cli.run", "Run a bundle on inputs from files."),
    "benchmark": ("edgekit.cli.benchmark", "Measure a bundle on this machine."),
    "devices": ("edgekit.cli.devices", "List device profiles, or show one with its sources."),
    "cache": ("edgekit.cli.cache", "Show or clear the cache of lowered models."),
    "doctor": ("edgekit.cli.doctor", "Say what is installed, what is missing, and how to get it."),
    "completion": ("edgekit.cli.completion", "Print the script for shell completion."),
}


class _LazyGroup(click.Group):
    """A group that imports a subcommand when it is called, not when help lists it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(_COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.command(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: edgekit build model.onnx -d raspberry-pi-4b --calibration-data samples.npz",
)
@click.version_option(package_name="edgekit", message="edgekit %(version)s")
def cli() -> None:
    """From a compressed model to a proven full-integer bundle for phones, Pis and MCUs."""


def main() -> NoReturn:
    """Run the command line; exit status 0, 1 for an error of the work, 2 for one of usage."""
    # A plain kill cleans up like Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    arguments = sys.argv[1:]
    try:
        cli.main(arguments, standalone_mode=False)
    except click.UsageError as error:
        error.show()
        sys.exit(2)
    except (KeyboardInterrupt, click.Abort):
        _fail(EdgekitError("interrupted; nothing was left behind"), arguments)
    except EdgekitError as error:
        _fail(error, arguments)
    except BrokenPipeError:
        sys.stderr.close()  # the reader is gone: nobody to tell
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - the last resort: no traceback without --debug
        _fail(_unexpected(error), arguments)
    sys.exit(0)


def _unexpected(error: Exception) -> EdgekitError:
    wrapped = EdgekitError(
        f"unexpected {type(error).__name__}: {error}",
        hint="this is a mistake in edgekit or below it; run again with --debug and report it",
    )
    wrapped.__cause__ = error
    return wrapped


def _fail(error: EdgekitError, arguments: list[str]) -> NoReturn:
    if "--debug" in arguments:
        import traceback

        traceback.print_exception(error)
    if "--json" in arguments:
        sys.stdout.write(json.dumps(error.to_json(), indent=1) + "\n")
    sys.stderr.write(f"error: {error}\n")
    sys.exit(1)
