"""Options that make no sense are refused when they are made."""

import json

import pytest

from edgekit.benchmarks import InvalidOptionError, ResultFormatError
from edgekit.benchmarks.comparing import CompareOptions
from edgekit.runtime import Kernels


@pytest.mark.parametrize(
    "changes",
    [
        {"seconds": -1.0},
        {"block_seconds": float("nan")},
        {"loads": 4},
        {"threads": 0},
        {"seed": -1},
    ],
)
def test_values_out_of_range_are_refused(changes):
    (name,) = changes
    with pytest.raises(InvalidOptionError, match=f"^{name} is") as caught:
        CompareOptions(**changes)
    assert "or more" in caught.value.hint


def test_json_gives_the_same_back():
    options = CompareOptions(seconds=3.0, kernels=Kernels.BUILTIN, pin=(1,), seed=4)
    assert CompareOptions.from_json(json.loads(json.dumps(options.to_json()))) == options


@pytest.mark.parametrize("data", [None, {}, {"kernels": "x", "pin": []}])
def test_json_that_is_not_ours_is_refused(data):
    with pytest.raises(ResultFormatError, match="this is no set of compare options"):
        CompareOptions.from_json(data)
