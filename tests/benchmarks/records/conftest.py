"""Documents with the form of a benchmark's result, and a database of some."""

import random

import pytest

from edgekit.benchmarks.records import Record, ResultsDatabase

MACHINE = {"cpu_model": "Test CPU", "governor": "performance", "threads": 1}


def measurement(value, unit):
    """Return a measurement as JSON."""
    interval = [value - 1, value + 1]
    return {
        "value": value,
        "unit": unit,
        "provenance": "measured",
        "method": "median",
        "interval": interval,
        "samples": [value] * 3,
    }


@pytest.fixture(scope="session")
def make_document():
    """Return a function that makes a result; equal arguments make equal results."""

    def make(number=0, *, samples=50, environment=None, **changes):
        generator = random.Random(number)
        return {
            "schema_version": 1,
            "model": "kws",
            "model_sha256": "ab12cd" + 58 * "0",
            "target": "host",
            "started_at": f"2026-01-{1 + number // 86400 % 28:02d}T"
            f"{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}+00:00",
            "environment": {**MACHINE, **(environment or {})},
            "samples_us": [generator.uniform(100, 110) for _ in range(samples)],
            "measurements": {"latency": measurement(100.0 + number, "us")},
            **changes,
        }

    return make


@pytest.fixture
def database(tmp_path):
    """An empty database."""
    return ResultsDatabase(tmp_path / "results.sqlite3")


@pytest.fixture
def filled(database, make_document):
    """A database of 200 results, on some hundred pages."""
    database.add(*(Record.of(make_document(number, samples=200)) for number in range(200)))
    return database
