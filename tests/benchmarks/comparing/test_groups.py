"""Blocks come back from JSON, and nothing else does."""

import json

import pytest

from edgekit.benchmarks import ResultFormatError
from edgekit.benchmarks.comparing import BlockGroup

GROUP = BlockGroup((1.0, 2.0), (3.0, 4.5))


def test_json_gives_the_same_back():
    assert BlockGroup.from_json(json.loads(json.dumps(GROUP.to_json()))) == GROUP


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"first_us": [1.0]},
        {"first_us": [1.0], "second_us": []},
        {"first_us": [1.0], "second_us": [0.0]},
        {"first_us": [float("inf")], "second_us": [1.0]},
        {"first_us": ["x"], "second_us": [1.0]},
        {"first_us": [1.0], "second_us": [1.0], "third_us": [1.0]},
    ],
)
def test_json_that_is_not_ours_is_refused(data):
    with pytest.raises(ResultFormatError, match="this is no group of blocks"):
        BlockGroup.from_json(data)
