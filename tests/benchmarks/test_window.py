"""A window knows its runs, keeps its samples, and comes back from JSON."""

import json

import pytest

from edgekit.benchmarks import ResultFormatError, Window

WINDOW = Window(started_s=1.5, seconds=0.5, runs=4, total_us=110.0, samples_us=(10.0, 30.0, 50.0))


def test_figures_of_a_window():
    assert WINDOW.median_us == 30.0
    # Of all runs, not only of the samples that were kept.
    assert WINDOW.throughput_per_s == pytest.approx(4 / 110e-6)


def test_json_gives_the_same_back():
    assert Window.from_json(json.loads(json.dumps(WINDOW.to_json()))) == WINDOW


@pytest.mark.parametrize(
    "changes",
    [
        {"samples_us": []},
        {"samples_us": [1.0, -1.0]},
        {"samples_us": [1.0, float("nan")]},
        {"samples_us": None},
        {"samples_us": ["x"]},
        {"runs": 2},
        {"runs": None},
        {"seconds": float("inf")},
        {"total_us": "x"},
        {"surprise": 1},
    ],
)
def test_fields_of_the_wrong_kind_are_refused(changes):
    with pytest.raises(ResultFormatError, match="this is no window"):
        Window.from_json({**WINDOW.to_json(), **changes})


@pytest.mark.parametrize("data", [None, {}, 3])
def test_json_of_another_kind_is_refused(data):
    with pytest.raises(ResultFormatError, match="this is no window"):
        Window.from_json(data)
