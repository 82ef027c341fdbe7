"""The `edgekit` command: the list of subcommands, and the one place where errors become text."""

import difflib
import io
import json
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import click

from edgekit.cli.failures import (
    InterruptedRunError,
    RefusedBySystemError,
    UnexpectedError,
    UsageError,
)
from edgekit.errors import EdgekitError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["PROGRAM", "cli", "main"]

PROGRAM = "edgekit"

# name -> (module, help): a subcommand's module is imported when it is called.
_COMMANDS = {
    "build": ("edgekit.cli.build", "Convert a model, prove it, and write a bundle."),
    "quantize": ("edgekit.cli.quantize", "Make a float .tflite integer, and prove it."),
    "compress": ("edgekit.cli.compress", "Compress a torch model by training: prune, QAT, distil."),
    "inspect": ("edgekit.cli.inspect", "Show what is in a model or a bundle."),
    "run": ("edgekit.cli.run", "Run a bundle on inputs from files."),
    "benchmark": ("edgekit.cli.benchmark", "Measure a bundle on this machine or another target."),
    "compare": ("edgekit.cli.compare", "Say which of two bundles or results is faster."),
    "engines": ("edgekit.cli.engines", "Run a bundle and its source by several engines in turns."),
    "results": ("edgekit.cli.results", "Find recorded results again, and follow them over time."),
    "profile": ("edgekit.cli.profile", "Measure what each operator of a bundle costs."),
    "package": ("edgekit.cli.package", "Pack a bundle for firmware."),
    "report": ("edgekit.cli.report", "Report results and bundles as a page, Markdown or CSV."),
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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in _COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            near = difflib.get_close_matches(args[0], _COMMANDS, n=3, cutoff=0.4)
            advice = f"Did you mean {', '.join(near)}?" if near else f"See {PROGRAM} --help."
            raise click.UsageError(f"No such command '{args[0]}'. {advice}", ctx)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list["CompletionItem[Any]"]:
        from click.shell_completion import CompletionItem

        names = [
            CompletionItem(name, help=text)
            for name, (_, text) in _COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return names + click.Command.shell_complete(self, ctx, incomplete)

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
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name can be any bytes
    status = 0
    try:
        status = _run(sys.argv[1:])
        sys.stdout.flush()
    except OSError as error:
        # Standard output itself fails: its reader is gone, or its disk is full.
        if not status and not isinstance(error, BrokenPipeError):
            sys.stderr.write(f"error: cannot write to standard output: {error.strerror}\n")
        status = status or 1
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(status)


def _run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status; what goes wrong is printed."""
    try:
        return int(cli.main(list(arguments), prog_name=PROGRAM, standalone_mode=False) or 0)
    except click.UsageError as error:
        _print_json(UsageError(error), arguments)
        error.show()
        return 2
    except (KeyboardInterrupt, click.Abort) as error:
        return _fail(InterruptedRunError(), error, arguments)
    except EdgekitError as error:
        return _fail(error, error, arguments)
    except BrokenPipeError:
        raise
    except OSError as error:
        return _fail(RefusedBySystemError(error), error, arguments)
    except Exception as error:  # noqa: BLE001 - the last resort: no traceback without --debug
        return _fail(UnexpectedError(error), error, arguments)


def _fail(error: EdgekitError, cause: BaseException, arguments: Sequence[str]) -> int:
    if "--debug" in arguments:
        import traceback

        traceback.print_exception(cause)
    _print_json(error, arguments)
    sys.stderr.write(f"error: {error}\n")
    return 1


def _print_json(error: EdgekitError, arguments: Sequence[str]) -> None:
    if "--json" in arguments:
        sys.stdout.write(json.dumps(error.to_json(), indent=1) + "\n")
