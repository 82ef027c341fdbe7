"""Numbers and words from sysfs, with errors that say which command grants the permission."""

from pathlib import Path

from edgekit.benchmarks.power.errors import MeterError, MeterPermissionError
from edgekit.benchmarks.power.meter import MeterState, MeterStatus

__all__ = ["may_read", "optional_text", "read_number", "read_word"]


def read_word(meter: str, path: Path, *, command: str) -> str:
    """Return the text of a file without its line end.

    Args:
        meter: Name of the meter, for errors.
        path: The file.
        command: What grants the permission to read it.

    Raises:
        MeterPermissionError: It may not be read.
        MeterError: It is not there, or cannot be read.
    """
    try:
        return path.read_text(errors="replace").strip()
    except PermissionError as error:
        raise MeterPermissionError(meter, str(path), command=command) from error
    except OSError as error:
        raise MeterError(meter, f"cannot read {path}: {error.strerror or error}") from error


def read_number(meter: str, path: Path, *, command: str) -> int:
    """Return the integer in a file; otherwise as `read_word`."""
    text = read_word(meter, path, command=command)
    try:
        return int(text)
    except ValueError as error:
        raise MeterError(meter, f"{path} holds {text[:40]!r}, which is no number") from error


def optional_text(path: Path) -> str:
    """Return a file's text, empty where it cannot be read: systems differ in what they tell."""
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""


def may_read(paths: list[Path], found: str, *, command: str) -> MeterState:
    """Return whether files that are there may be read, as a driver's `probe` says it.

    Args:
        paths: The files.
        found: What to say of them where they may.
        command: What grants the permission.
    """
    for path in paths:
        try:
            path.read_text(errors="replace")
        except PermissionError:
            return MeterState(MeterStatus.NO_PERMISSION, f"{path} may not be read", command)
        except OSError as error:
            return MeterState(MeterStatus.ABSENT, f"{path}: {error.strerror or error}")
    return MeterState(MeterStatus.READY, found)
