"""The tables of docs/microcontrollers-figures.md are those of the record."""

import json
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "microcontrollers-figures.md").read_text(encoding="utf-8")
SHOWN = {"cortex-m4", "cortex-m55"}


@pytest.fixture(scope="module")
def counts():
    folder = str(ROOT / "benchmarks" / "figures")
    sys.path.insert(0, folder)
    yield import_module("mcu_instructions")
    sys.path.remove(folder)


@pytest.fixture(scope="module")
def record():
    return json.loads((ROOT / "docs" / "figures" / "mcu_instructions.json").read_text())


def test_the_table_is_that_of_the_record(counts, record):
    builds = [counts.Build(**item) for item in record["builds"] if item["core"] in SHOWN]
    assert counts.table(builds, [counts.Peer(**item) for item in record["peers"]]) in PAGE


def test_other_cores_are_those_of_the_record(record):
    for core in {item["core"] for item in record["builds"]} - SHOWN:
        taken = [
            f"{item['instructions']:,}"
            for item in record["builds"]
            if (item["core"], item["optimisation"]) == (core, "-O2")
        ]
        assert f"| {core} | {' | '.join(taken)} |" in PAGE


def test_instructions_do_not_depend_on_the_input(record):
    for item in record["builds"]:
        assert item["spread"] <= 0.001 * item["instructions"]
