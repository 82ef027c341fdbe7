"""Rows read straight from the pages of a SQLite file, where SQLite itself gives up.

The format is that of https://www.sqlite.org/fileformat2.html: sections 1.3 (header), 1.6 (table
leaves and overflow pages), 2.1 (records) and 4.1 (write-ahead log). No page is trusted: what does
not parse is left out, and whoever reads has to check what a row says.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from edgekit.benchmarks.records.schema import PAGE_BYTES

__all__ = ["read_rows"]

_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100  # of the file, before the first page's own header
_WAL_HEADER_BYTES, _FRAME_HEADER_BYTES = 32, 24
_TABLE_LEAF = 0x0D


def read_rows(path: Path) -> Iterator[tuple[int, tuple[bytes, ...]]]:
    """Yield the number of each row that can be found, and its texts and blobs as bytes.

    First come the rows as the write-ahead log beside the file leaves them, then those of the
    file alone; most of them come twice.

    Raises:
        OSError: A file cannot be read.
    """
    data = path.read_bytes()
    size = _page_bytes(data)
    pages = {
        number + 1: data[number * size : (number + 1) * size] for number in range(len(data) // size)
    }
    log = path.with_name(f"{path.name}-wal")
    logged = _logged_pages(log.read_bytes(), size) if log.exists() else {}
    for view in ({**pages, **logged}, pages) if logged else (pages,):
        for number in view:
            yield from _leaf_rows(number, view)


def _page_bytes(data: bytes) -> int:
    """Return the size of a page by the file's header, or the one that we make where it is lost."""
    (size,) = struct.unpack(">H", data[16:18].ljust(2, b"\0"))
    known = data.startswith(_MAGIC) and size >= 512 and size & (size - 1) == 0
    return size if known else PAGE_BYTES


def _logged_pages(log: bytes, size: int) -> dict[int, bytes]:
    """Return the last committed content of each page in a write-ahead log."""
    committed: dict[int, bytes] = {}
    pending: dict[int, bytes] = {}
    salt = log[16:24]
    step = _FRAME_HEADER_BYTES + size
    for at in range(_WAL_HEADER_BYTES, len(log) - step + 1, step):
        number, pages_after_commit = struct.unpack(">II", log[at : at + 8])
        if log[at + 8 : at + 16] != salt:
            break  # left over from before the log was begun anew
        pending[number] = log[at + _FRAME_HEADER_BYTES : at + step]
        if pages_after_commit:
            committed |= pending
            pending = {}
    return committed


def _leaf_rows(number: int, pages: Mapping[int, bytes]) -> Iterator[tuple[int, tuple[bytes, ...]]]:
    page = pages[number]
    start = _HEADER_BYTES if number == 1 else 0
    if page[start] != _TABLE_LEAF:
        return
    (count,) = struct.unpack(">H", page[start + 3 : start + 5])
    for cell in range(count):
        pointer = start + 8 + 2 * cell
        if pointer + 2 > len(page):
            return
        (at,) = struct.unpack(">H", page[pointer : pointer + 2])
        try:
            length, at = _varint(page, at)
            row, at = _varint(page, at)
            yield row, _fields(_payload(page, at, length, pages))
        except (IndexError, KeyError, struct.error):
            continue


def _payload(page: bytes, at: int, length: int, pages: Mapping[int, bytes]) -> bytes:
    """Return what a cell holds, from its page and those that it overflows to."""
    usable = len(page)  # we reserve no bytes at the end of a page
    most = usable - 35
    if length <= most:
        return page[at : at + length]
    least = (usable - 12) * 32 // 255 - 23
    local = least + (length - least) % (usable - 4)
    local = local if local <= most else least
    parts = [page[at : at + local]]
    missing = length - local
    (following,) = struct.unpack(">I", page[at + local : at + local + 4])
    while missing > 0:
        overflow = pages[following]
        (following,) = struct.unpack(">I", overflow[:4])
        parts.append(overflow[4 : 4 + missing])
        missing -= usable - 4
    return b"".join(parts)


def _fields(payload: bytes) -> tuple[bytes, ...]:
    """Return the texts and blobs of a record, in the order of their columns."""
    end, at = _varint(payload, 0)
    kinds: list[int] = []
    while at < end:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    found = []
    for kind in kinds:
        size = _field_bytes(kind)
        if kind >= 12:
            found.append(payload[at : at + size])
        at += size
    return tuple(found)


def _field_bytes(kind: int) -> int:
    if kind >= 12:
        return (kind - 12) // 2
    numbers: Sequence[int] = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)
    return numbers[kind]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number of one to nine bytes, and where it ends."""
    value = 0
    for place in range(9):
        byte = data[at + place]
        if place == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + place + 1
    raise IndexError(at)
