"""What the command line itself can fail of, as errors that have a message, a hint and JSON."""

import click

from edgekit.errors import EdgekitError

__all__ = [
    "InterruptedBenchmarkError",
    "InterruptedRunError",
    "RefusedBySystemError",
    "UnexpectedError",
    "UsageError",
]


class UsageError(EdgekitError):
    """A command line that cannot be understood."""

    def __init__(self, error: click.UsageError) -> None:
        command = error.ctx.command_path if error.ctx else "edgekit"
        super().__init__(error.format_message(), hint=f"{command} --help")


class InterruptedRunError(EdgekitError):
    """Ctrl-C, or a plain kill."""

    def __init__(self) -> None:
        super().__init__("interrupted; nothing was left behind")


class InterruptedBenchmarkError(EdgekitError):
    """Ctrl-C after some windows of a benchmark: they were shown, and nothing was written."""

    def __init__(self, whole: int, asked: int) -> None:
        super().__init__(
            f"interrupted after {whole} of {asked} windows; nothing was left behind",
            hint="for a shorter run take --quick, --windows or --window-seconds",
        )


class RefusedBySystemError(EdgekitError):
    """Something that the operating system refused: no space, no permission, no such file."""

    def __init__(self, error: OSError) -> None:
        place = f"{error.filename}: " if error.filename else ""
        super().__init__(
            f"{place}{error.strerror or error}", hint="check the path, its permissions and the disk"
        )


class UnexpectedError(EdgekitError):
    """A mistake of ours, or of something below us."""

    def __init__(self, error: Exception) -> None:
        first_line = str(error).strip().partition("\n")[0]
        super().__init__(
            f"unexpected {type(error).__name__}: {first_line}",
            hint="this is a mistake in edgekit or below it; run again with --debug and report it",
        )
