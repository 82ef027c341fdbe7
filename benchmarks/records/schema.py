"""The tables of the database of results, and how an older database becomes today's."""

import sqlite3
from collections.abc import Sequence

__all__ = ["APPLICATION_ID", "MIGRATIONS", "PAGE_BYTES", "migrate", "version_of"]

APPLICATION_ID = 0x45644B74  # "EdKt", in the file's header: tells our files from others'
PAGE_BYTES = 4096

# Each takes a database from the version that is its place in the list to the next one. What a
# record is found by stands in columns of its own; `content` holds all of it, so that every
# other column can be made anew.
MIGRATIONS = (
    """
    CREATE TABLE records (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        schema_version INTEGER NOT NULL,
        model TEXT,
        model_sha256 TEXT,
        target TEXT,
        device TEXT,
        started_at TEXT,
        latency_us REAL,
        latency_provenance TEXT,
        energy_uj REAL,
        energy_provenance TEXT,
        environment TEXT,
        content BLOB NOT NULL
    );
    CREATE INDEX records_by_time ON records (started_at);
    CREATE INDEX records_by_model ON records (model, target, started_at);
    """,
)


def version_of(connection: sqlite3.Connection) -> int:
    """Return how many migrations a database has gone through."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def migrate(connection: sqlite3.Connection, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Bring a database to the latest version, each step whole or not at all.

    Nobody else may have it open: SQLite does not wait for others when it changes to WAL.

    Args:
        connection: In autocommit mode.
        migrations: From the first version on.
    """
    if version_of(connection) == 0:
        connection.execute(f"PRAGMA page_size={PAGE_BYTES}")
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute("PRAGMA journal_mode=WAL")
    for version in range(version_of(connection), len(migrations)):
        # executescript() would commit before it begins; a step is its own transaction.
        connection.executescript(
            f"BEGIN IMMEDIATE; {migrations[version]} PRAGMA user_version={version + 1}; COMMIT;"
        )
