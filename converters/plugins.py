"""Load Python files of the user's that teach edgekit operators, for the time of one build."""

import runpy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from edgekit.converters.lowering.registry import temporary_lowerings
from edgekit.converters.quantize.registry import temporary_rules
from edgekit.converters.sources.base import first_line
from edgekit.converters.sources.definitions import temporary_definitions
from edgekit.converters.user_code import as_if_run, failing_line
from edgekit.errors import UnreadableFileError

__all__ = ["loaded_plugins"]


@contextmanager
def loaded_plugins(paths: Sequence[Path]) -> Iterator[None]:
    """Run plugin files; what they register is forgotten at the end.

    Raises:
        UnreadableFileError: A file is missing or fails to run, naming the line.
    """
    if not paths:
        yield
        return
    with temporary_lowerings(), temporary_rules(), temporary_definitions():
        for path in paths:
            _run(path)
        yield


def _run(path: Path) -> None:
    if not path.is_file():
        raise UnreadableFileError(path, "no such file")
    with as_if_run(path):
        try:
            runpy.run_path(str(path))
        except (Exception, SystemExit) as error:
            line = failing_line(error, path)
            place = f"line {line}: " if line else ""
            why = f"{place}{type(error).__name__}: {first_line(error)}"
            hint = "a plugin registers operators by edgekit.operators"
            raise UnreadableFileError(path, why, hint=hint) from error
