"""JSON files of results: written whole or not at all, and read with one error for all damage."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from edgekit.errors import EdgekitError, UnreadableFileError
from edgekit.files import atomic_write

__all__ = ["read_json", "write_json"]

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
