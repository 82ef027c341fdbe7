"""Rows of the database: how a record becomes one, and what a list shows of it."""

import sqlite3
from dataclasses import astuple, dataclass, fields
from typing import Any, Self

from edgekit.benchmarks.records.errors import DocumentError
from edgekit.benchmarks.records.filters import RecordFilter
from edgekit.benchmarks.records.record import Record
from edgekit.benchmarks.records.summary import Summary

__all__ = ["Row", "insert", "is_whole", "row_values", "select", "select_record"]

_COLUMNS = ("id", "kind", "schema_version", *(field.name for field in fields(Summary)))
_INSERT = """
    INSERT OR IGNORE INTO records (
        id, kind, schema_version, model, model_sha256, target, device, started_at,
        latency_us, latency_provenance, energy_uj, energy_provenance, environment, content
    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_SELECT = """
    SELECT id, kind, schema_version, model, model_sha256, target, device, started_at,
        latency_us, latency_provenance, energy_uj, energy_provenance, environment
    FROM records
    WHERE (:kind IS NULL OR kind = :kind)
        AND (:target IS NULL OR target = :target)
        AND (:device IS NULL OR device = :device)
        AND (:model IS NULL OR model = :model OR model_sha256 GLOB :sha256)
        AND (:since IS NULL OR started_at >= :since)
    ORDER BY started_at DESC, number DESC
    LIMIT :limit
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A record without its document.

    Attributes:
        id: Of the record.
        kind: What its document is.
        schema_version: Of the document.
        summary: What it is found by.
    """

    id: str
    kind: str
    schema_version: int
    summary: Summary

    @classmethod
    def of(cls, values: tuple[Any, ...]) -> Self:
        """Return a row that was selected."""
        identity, kind, version, *summary = values
        return cls(identity, kind, version, Summary(*summary))

    def to_json(self) -> dict[str, Any]:
        """Return the row as plain JSON values."""
        values = (self.id, self.kind, self.schema_version, *astuple(self.summary))
        return dict(zip(_COLUMNS, values, strict=True))


def row_values(record: Record) -> tuple[Any, ...]:
    """Return what `insert` takes; compressing the document is most of the work of a write."""
    columns = (record.id, record.kind, record.schema_version, *astuple(record.summary))
    return (*columns, record.content)


def insert(connection: sqlite3.Connection, values: tuple[Any, ...]) -> int:
    """Add a record; return 1, or 0 where it is there already."""
    return connection.execute(_INSERT, values).rowcount


def select(connection: sqlite3.Connection, wanted: RecordFilter, limit: int | None) -> list[Row]:
    """Return the rows that a filter lets through, newest first."""
    parameters = {**wanted.parameters(), "limit": -1 if limit is None else limit}
    return [Row.of(found) for found in connection.execute(_SELECT, parameters)]


def select_record(connection: sqlite3.Connection, identity: str) -> Record | None:
    """Return the record with an id, None if there is none.

    Raises:
        DocumentError: Its content is not what it was.
    """
    found = connection.execute("SELECT content FROM records WHERE id = ?", (identity,)).fetchone()
    if found is None:
        return None
    record = Record.from_content(found[0])
    if record.id != identity:
        raise DocumentError("its content is another record's")
    return record


def is_whole(connection: sqlite3.Connection) -> bool:
    """Whether every record has the content that its id is the hash of."""
    try:
        return all(
            Record.from_content(content).id == identity
            for identity, content in connection.execute("SELECT id, content FROM records")
        )
    except DocumentError:
        return False
