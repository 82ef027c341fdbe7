"""Options refuse what makes no sense, and come back from JSON."""

import pytest

from edgekit.benchmarks import InvalidOptionError
from edgekit.benchmarks.engines import EngineOptions


@pytest.mark.parametrize(
    "wrong",
    [
        {"rounds": 0},
        {"threads": 0},
        {"seed": -1},
        {"block_seconds": 0},
        {"max_seconds": float("inf")},
        {"timeout_seconds": -1},
    ],
)
def test_values_out_of_range_are_refused(wrong):
    with pytest.raises(InvalidOptionError, match=next(iter(wrong))):
        EngineOptions(**wrong)


def test_json_comes_back():
    options = EngineOptions(rounds=3, seed=7)
    assert EngineOptions.from_json(options.to_json()) == options
