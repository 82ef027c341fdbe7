"""Options that make no sense are refused when they are made."""

import json

import pytest

from edgekit.benchmarks import BenchmarkOptions, InvalidOptionError, ResultFormatError
from edgekit.runtime import Kernels


@pytest.mark.parametrize(
    "changes",
    [
        {"min_seconds": -0.1},
        {"min_seconds": float("inf")},
        {"warmup_seconds": float("nan")},
        {"min_runs": 0},
        {"warmup_runs": -1},
        {"threads": 0},
        {"seed": -1},
    ],
)
def test_values_out_of_range_are_refused(changes):
    (name,) = changes
    with pytest.raises(InvalidOptionError, match=f"^{name} is") as caught:
        BenchmarkOptions(**changes)
    assert "or more" in caught.value.hint


def test_json_gives_the_same_back():
    options = BenchmarkOptions(min_runs=7, kernels=Kernels.REFERENCE, seed=9)
    assert BenchmarkOptions.from_json(json.loads(json.dumps(options.to_json()))) == options


@pytest.mark.parametrize("data", [None, {}, {"kernels": "fastest"}, {"kernels": "default", "x": 1}])
def test_json_that_is_not_ours_is_refused(data):
    with pytest.raises(ResultFormatError, match="this is no set of benchmark options"):
        BenchmarkOptions.from_json(data)
