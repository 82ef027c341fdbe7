"""Bounds of options hold at their ends, and name the option that is off."""

import math
from types import SimpleNamespace

import pytest

from edgekit.benchmarks import InvalidOptionError
from edgekit.benchmarks.option_checks import require_least, require_processors, require_seconds


@pytest.mark.parametrize("seconds", [-1.0, math.nan, math.inf])
def test_durations_are_finite_and_not_negative(seconds):
    require_seconds(SimpleNamespace(a=0.0), "a")
    with pytest.raises(InvalidOptionError, match=r"^b is"):
        require_seconds(SimpleNamespace(a=1.0, b=seconds), "a", "b")


def test_zero_seconds_are_refused_where_they_make_no_sense():
    with pytest.raises(InvalidOptionError) as caught:
        require_seconds(SimpleNamespace(a=0.0), "a", above_zero=True)
    assert "above 0" in caught.value.hint


def test_numbers_have_a_least_one():
    require_least(SimpleNamespace(rounds=3), rounds=3)
    with pytest.raises(InvalidOptionError, match="rounds is 2"):
        require_least(SimpleNamespace(rounds=2), rounds=3)


@pytest.mark.parametrize("pin", [(0, 0), (-1,)])
def test_processors_are_different_numbers(pin):
    require_processors((1, 0))
    with pytest.raises(InvalidOptionError, match="pin"):
        require_processors(pin)
