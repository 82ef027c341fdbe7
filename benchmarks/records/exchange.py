"""Records on their way to other machines and programs: JSON without loss, CSV for tables."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edgekit.benchmarks.records.errors import DocumentError
from edgekit.benchmarks.records.record import Record
from edgekit.benchmarks.records.rows import Row
from edgekit.errors import UnreadableFileError
from edgekit.files import atomic_write

__all__ = ["EXPORT_VERSION", "read_records", "write_csv", "write_json"]

EXPORT_VERSION = 1
_KIND = "records"


def write_json(path: Path, records: Sequence[Record]) -> None:
    """Write records so that `read_records` gives the same ones, with the same ids.

    Raises:
        WriteError: No space, no permission, or no such folder.
    """
    content = {
        "schema_version": EXPORT_VERSION,
        "kind": _KIND,
        "records": [
            {"id": each.id, "kind": each.kind, "document": each.document} for each in records
        ],
    }
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    atomic_write(path, f"{text}\n")


def write_csv(path: Path, rows: Sequence[Row]) -> None:
    """Write one line for each record, without the documents; times in UTC, nothing for None.

    Raises:
        WriteError: No space, no permission, or no such folder.
    """
    text = io.StringIO()
    table = [row.to_json() for row in rows]
    names = list(table[0]) if table else ["id"]
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    atomic_write(path, text.getvalue())


def read_records(path: Path) -> list[Record]:
    """Read what `write_json` wrote, or one result as ``edgekit benchmark -o`` writes it.

    Raises:
        UnreadableFileError: The file is missing, no JSON, or none of these.
    """
    try:
        content = json.loads(path.read_bytes())
        if isinstance(content, dict) and content.get("kind") == _KIND:
            return _exported(content)
        return [Record.of(content)]
    except OSError as error:
        raise UnreadableFileError(path, error.strerror or str(error)) from error
    except DocumentError as error:
        raise UnreadableFileError(path, error.why, hint=error.hint) from error
    except (ValueError, RecursionError) as error:
        raise UnreadableFileError(path, f"it is not JSON ({error})") from error


def _exported(content: dict[str, Any]) -> list[Record]:
    version = content.get("schema_version")
    if version != EXPORT_VERSION:
        raise DocumentError(
            f"its version is {version!r}, this edgekit reads {EXPORT_VERSION}",
            hint="import it with the edgekit that exported it",
        )
    try:
        records = [
            (entry["id"], Record.of(entry["document"], entry["kind"]))
            for entry in content["records"]
        ]
    except (KeyError, TypeError) as error:
        raise DocumentError(f"an entry lacks {error}") from error
    for identity, record in records:
        if record.id != identity:
            raise DocumentError(
                f"record {identity} was changed since it was exported", hint="export it again"
            )
    return [record for _, record in records]
