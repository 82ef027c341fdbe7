"""Run Python files of the user's: their neighbours can be imported, failures have a line."""

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

__all__ = ["as_if_run", "failing_line"]


@contextmanager
def as_if_run(path: Path) -> Iterator[None]:
    """Let a file import its neighbours, as `python file.py` does; it prints to stderr."""
    folder = str(path.resolve().parent)
    sys.path.insert(0, folder)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        if folder in sys.path:
            sys.path.remove(folder)


def failing_line(error: BaseException, path: Path) -> int | None:
    """Return the line of the file at which it failed, None where the file is not to blame."""
    line = error.lineno if isinstance(error, SyntaxError) else None
    for frame in traceback.extract_tb(error.__traceback__):
        if Path(frame.filename).resolve() == path.resolve():
            line = frame.lineno
    return line
