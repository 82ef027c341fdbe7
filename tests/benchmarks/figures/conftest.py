"""Let tests import the scripts in benchmarks/figures and their parts."""

import sys
from importlib import import_module
from pathlib import Path

import pytest

FIGURES = Path(__file__).parents[3] / "benchmarks" / "figures"


@pytest.fixture(scope="session")
def script():
    """Import a script, or a part of one, by its name."""
    sys.path.insert(0, str(FIGURES))
    yield import_module
    sys.path.remove(str(FIGURES))
