"""Processes take turns, and only one of them sets a damaged database aside."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from edgekit.benchmarks.records import Record, ResultsDatabase
from edgekit.benchmarks.records.connecting import recover


def _add(path, documents):
    database = ResultsDatabase(path)
    for document in documents:
        database.add(Record.of(document))
    return database.recovery is not None


@pytest.mark.parametrize("is_damaged", [False, True])
def test_several_processes_at_once_lose_nothing(filled, make_document, is_damaged):
    if is_damaged:
        with filled.path.open("r+b") as file:
            file.write(bytes(100))  # the header alone: every record is whole
    shares = [
        [make_document(10_000 * process + number) for number in range(10)]
        for process in range(1, 5)
    ]
    with ProcessPoolExecutor(4, mp_context=get_context("fork")) as pool:
        recovered = list(pool.map(_add, [filled.path] * len(shares), shares))
    assert sum(recovered) == is_damaged
    assert len(ResultsDatabase(filled.path).rows()) == 240


def test_a_sound_database_is_not_set_aside(filled):
    assert recover(filled.path) is None
    assert len(filled.rows()) == 200
