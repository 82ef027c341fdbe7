"""`edgekit cache`: what is kept of earlier builds, and how to drop it."""

import time
from typing import Any

import click

from edgekit.cli.output import CONTEXT, Output, output_options
from edgekit.cli.tables import age, byte_size, make_table
from edgekit.converters.cache import Cache, CacheEntry
from edgekit.errors import EdgekitError

__all__ = ["command"]

_EPILOG = """\b
Examples:
  edgekit cache
  edgekit cache clear
  edgekit cache --json

The folder is that of the user's caches, or EDGEKIT_CACHE_DIR.
"""

_SHORT = 12  # characters of a key: as many as messages show


@click.command(context_settings=CONTEXT, epilog=_EPILOG)
@click.argument("action", type=click.Choice(["show", "clear"]), default="show")
@output_options
def command(output: Output, action: str) -> None:
    """Show the cache of lowered models, or clear it.

    A cleared model is lowered again by its next build; nothing else is lost.
    """
    cache = Cache()
    entries = cache.entries()
    size = sum(entry.size_bytes for entry in entries)
    data: dict[str, Any] = {"folder": str(cache.folder), "size_bytes": size}
    if action == "clear":
        _clear(cache, entries)
        text = f"{_count(entries)} removed, {byte_size(size)} freed"
        output.result({**data, "removed": len(entries)}, lambda console: console.print(text))
        return
    now = time.time()
    listed = [
        {
            "key": entry.key,
            "size_bytes": entry.size_bytes,
            "age_seconds": max(0.0, now - entry.modified_s),
        }
        for entry in entries
    ]
    output.result(
        {**data, "entries": listed}, lambda console: _show(console, cache, entries, now=now)
    )


def _clear(cache: Cache, entries: tuple[CacheEntry, ...]) -> None:
    cache.clear()
    left = {entry.key for entry in entries} & {entry.key for entry in cache.entries()}
    if left:
        raise EdgekitError(
            f"{len(left)} entries of {cache.folder} could not be removed",
            hint="check who may write there",
        )


def _show(console: Any, cache: Cache, entries: tuple[CacheEntry, ...], *, now: float) -> None:
    if entries:
        table = make_table("entry", "size", "age", right=("size",))
        for entry in entries:
            table.add_row(
                entry.key[:_SHORT], byte_size(entry.size_bytes), age(now - entry.modified_s)
            )
        console.print(table)
    size = byte_size(sum(entry.size_bytes for entry in entries))
    console.print(f"{_count(entries)}, {size} in {cache.folder}", soft_wrap=True)


def _count(entries: tuple[CacheEntry, ...]) -> str:
    return f"{len(entries)} entr{'y' if len(entries) == 1 else 'ies'}"
