"""Many processes that record at once, and some that are killed: is every record there?

First several processes add results to one database at the same time. Then writers are killed
(SIGKILL) after a random time, round after round; each tells through a pipe which records were
acknowledged, that is, for which `ResultsDatabase.add` returned. After every round the database
must be sound by SQLite's own full check, and hold every acknowledged record with the content that
its id is the hash of. Last, a page of noise is written into a copy, and what can be saved counted.

    python benchmarks/figures/record_drill.py --json docs/figures/record_drill.json
"""

import argparse
import json
import os
import shutil
import signal
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import numpy as np

from edgekit.benchmarks import Measurement, Provenance
from edgekit.benchmarks.records import Record, ResultsDatabase
from edgekit.files import atomic_write

SAMPLES = 500  # in each result: ten kilobytes, half of it when compressed
LONGEST_S = 0.15  # before a writer is killed
ID_DIGITS = 64


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a drill showed.

    Attributes:
        processes: That recorded at once.
        written: Records that they were told are there.
        found: Those of them that are there, whole.
        kills: Writers that were killed.
        acknowledged: Records that those were told are there, before they were killed.
        kept: Those of them that are there, whole.
        damaged_rounds: Rounds after which the database was not sound.
        noise_pages: Pages of a copy that were overwritten with noise, one copy each.
        saved: Least records that were whole in the new database then, of `of_records`.
        of_records: Records in the copy.
        unnoticed: Copies whose damage was not noticed by the first use.
    """

    processes: int
    written: int
    found: int
    kills: int
    acknowledged: int
    kept: int
    damaged_rounds: int
    noise_pages: int
    saved: int
    of_records: int
    unnoticed: int


def result(writer: int, number: int) -> dict[str, Any]:
    """Return a result like that of a benchmark, another one for each number."""
    generator = np.random.default_rng((writer, number))
    return {
        "schema_version": 2,
        "model": f"model-{writer}",
        "target": "host",
        "started_at": "2026-01-01T00:00:00+00:00",
        "environment": {"cpu_model": "drill"},
        "measurements": {"latency": {"value": generator.uniform(5, 6), "unit": "us"}},
        "samples_us": generator.uniform(5, 6, SAMPLES).tolist(),
    }


def write(path: Path, writer: int, writes: int | None, pipe: int) -> None:
    """Record results, and tell the id of each through a pipe when it is acknowledged."""
    database = ResultsDatabase(path)
    for number in count() if writes is None else range(writes):
        record = Record.of(result(writer, number), "benchmark")
        database.add(record)
        os.write(pipe, record.id.encode())  # whole: shorter than PIPE_BUF


@contextmanager
def writers(path: Path, first: int, processes: int, writes: int | None) -> Iterator[list[int]]:
    """Fork writers and yield their process ids with the reading end of their pipe last."""
    reading, writing = os.pipe()
    children = []
    for writer in range(first, first + processes):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                write(path, writer, writes, writing)
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    os.close(writing)
    try:
        yield [*children, reading]
    finally:
        os.close(reading)


def acknowledged(reading: int) -> set[str]:
    """Return the ids that came through a pipe until its last writer was gone."""
    parts = []
    while part := os.read(reading, 1 << 16):
        parts.append(part)
    text = b"".join(parts).decode()
    return {text[at : at + ID_DIGITS] for at in range(0, len(text), ID_DIGITS)}


def write_at_once(path: Path, processes: int, writes: int) -> set[str]:
    """Let processes record at once; returns the ids that they were told are there."""
    with writers(path, 0, processes, writes) as (*children, reading):
        told = acknowledged(reading)
        for child in children:
            os.waitpid(child, 0)
    return told


def kill_writers(path: Path, rounds: int, seed: int) -> tuple[set[str], int]:
    """Kill two writers in each round; returns what was acknowledged and the bad rounds."""
    generator = np.random.default_rng(seed)
    told: set[str] = set()
    bad = 0
    for turn in range(rounds):
        with writers(path, 1000 + 2 * turn, 2, None) as (*children, reading):
            for child in children:
                sleep(generator.uniform(0, LONGEST_S))
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
            told |= acknowledged(reading)
        if path.exists():
            with closing(sqlite3.connect(path)) as connection:
                bad += connection.execute("PRAGMA integrity_check").fetchone() != ("ok",)
    return told, bad


def whole_records(path: Path, told: set[str]) -> int:
    """Return how many of some records are there with their whole content."""
    return len({record.id for record in ResultsDatabase(path).records()} & told)


def damage(path: Path, scratch: Path, pages: int, seed: int) -> tuple[int, int]:
    """Return the least number of records saved from copies with a bad page, and the unnoticed."""
    generator = np.random.default_rng(seed)
    saved, unnoticed = [], 0
    size = 4096
    for number in range(pages):
        copy = scratch / f"damaged-{number}" / path.name
        copy.parent.mkdir()
        shutil.copy(path, copy)
        with copy.open("r+b") as file:
            file.seek(size * int(generator.integers(path.stat().st_size // size)))
            file.write(generator.bytes(size))
        copy.with_name(f"{copy.name}.lock").touch()  # was made with the database
        database = ResultsDatabase(copy)
        rows = database.rows()
        unnoticed += database.recovery is None
        saved.append(len(rows) if database.recovery is None else database.recovery.salvaged)
        shutil.rmtree(copy.parent)
    return min(saved, default=0), unnoticed


def run(scratch: Path, processes: int, writes: int, rounds: int, pages: int) -> Outcome:
    """Do the whole drill in a folder."""
    path = scratch / "results.sqlite3"
    written = write_at_once(path, processes, writes)
    found = whole_records(path, written)
    records = len(ResultsDatabase(path).rows())
    saved, unnoticed = damage(path, scratch, pages, seed=1)
    killed = scratch / "killed.sqlite3"
    told, bad = kill_writers(killed, rounds, seed=0)
    return Outcome(
        processes=processes,
        written=len(written),
        found=found,
        kills=2 * rounds,
        acknowledged=len(told),
        kept=whole_records(killed, told),
        damaged_rounds=bad,
        noise_pages=pages,
        saved=saved,
        of_records=records,
        unnoticed=unnoticed,
    )


def main() -> None:
    """Drill, print the figures, and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--writes", type=int, default=200, help="of each process")
    parser.add_argument("--rounds", type=int, default=200, help="in which two writers are killed")
    parser.add_argument("--pages", type=int, default=50, help="overwritten, one copy each")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        began_s = perf_counter()
        outcome = run(
            Path(folder), arguments.processes, arguments.writes, arguments.rounds, arguments.pages
        )
        seconds = perf_counter() - began_s
    print(json.dumps(asdict(outcome)))
    time = Measurement(seconds, "s", Provenance.MEASURED, "wall-clock time of the whole drill")
    content = {"schema_version": 1, "drill": asdict(outcome), "time": time.to_json()}
    atomic_write(arguments.json, json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
