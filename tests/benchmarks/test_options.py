"""Options that make no sense are refused when they are made."""

import json

import pytest

from edgekit.benchmarks import BenchmarkOptions, InvalidOptionError, ResultFormatError
from edgekit.runtime import Kernels


@pytest.mark.parametrize(
    "changes",
    [
        {"window_seconds": -0.1},
        {"window_seconds": float("inf")},
        {"windows": 0},
        {"warmup_seconds": float("nan")},
        {"window_runs": 0},
        {"warmup_runs": -1},
        {"threads": 0},
        {"seed": -1},
        {"pin": (1, -1)},
        {"pin": (1, 1)},
    ],
)
def test_values_out_of_range_are_refused(changes):
    (name,) = changes
    with pytest.raises(InvalidOptionError, match=f"^{name} is") as caught:
        BenchmarkOptions(**changes)
    assert "or more" in caught.value.hint


def test_the_defaults_are_those_of_mlperf_tiny():
    options = BenchmarkOptions()
    assert (options.windows, options.window_seconds, options.window_runs) == (5, 10.0, 10)


def test_quick_options_are_short_and_can_be_changed():
    assert BenchmarkOptions.quick() == BenchmarkOptions(window_seconds=0.5, warmup_seconds=0.2)
    assert BenchmarkOptions.quick(window_seconds=2.0, threads=3).window_seconds == 2.0


def test_json_gives_the_same_back():
    options = BenchmarkOptions(windows=7, kernels=Kernels.REFERENCE, pin=(3, 1), seed=9)
    assert BenchmarkOptions.from_json(json.loads(json.dumps(options.to_json()))) == options


@pytest.mark.parametrize(
    "data", [None, {}, {"kernels": "fastest", "pin": []}, {"kernels": "default", "pin": [], "x": 1}]
)
def test_json_that_is_not_ours_is_refused(data):
    with pytest.raises(ResultFormatError, match="this is no set of benchmark options"):
        BenchmarkOptions.from_json(data)
