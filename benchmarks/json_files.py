"""JSON files of results: written whole or not at all, and read with one error for all damage."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from edgekit.benchmarks.errors import ResultFormatError
from edgekit.errors import EdgekitError, UnreadableFileError
from edgekit.files import atomic_write

__all__ = ["check_version", "read_json", "write_json"]

T = TypeVar("T")


def write_json(path: Path, data: Any) -> None:
    """Write plain JSON values.

    Raises:
        WriteError: No space, no permission, or no such folder.
    """
    text = json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False)
    atomic_write(path, f"{text}\n")


def read_json(path: Path, parse: Callable[[Any], T]) -> T:
    """Return what ``parse`` makes of the values in a file.

    Raises:
        UnreadableFileError: The file is missing, no JSON, or ``parse`` refuses it.
    """
    try:
        return parse(json.loads(path.read_bytes()))
    except OSError as error:
        raise UnreadableFileError(path, error.strerror or str(error)) from error
    except EdgekitError as error:
        raise UnreadableFileError(path, error.message, hint=error.hint) from error
    except (ValueError, RecursionError) as error:
        raise UnreadableFileError(path, f"it is not JSON ({error})") from error


def check_version(data: Any, what: str, version: int) -> None:
    """Refuse what is no JSON object of the schema version that this edgekit reads.

    Args:
        data: What a file or a record holds.
        what: What it should be, for the message.
        version: The one that is read.

    Raises:
        ResultFormatError: It is of another version, or of none.
    """
    found = data.get("schema_version") if isinstance(data, dict) else None
    if found != version:
        raise ResultFormatError(
            what,
            f"its schema version is {found!r}, this edgekit reads {version}",
            hint="read it with the edgekit version that wrote it, or measure again",
        )
