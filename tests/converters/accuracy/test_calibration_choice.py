"""A method for each tensor: the one that costs the outputs least."""

import numpy as np
import pytest
import torch
from torch import nn

from edgekit.converters.accuracy import CalibrationChoice
from edgekit.converters.request import CalibrationMethod
from edgekit.converters.sources import open_source


class Peaks(nn.Module):
    """Hidden values with rare peaks, which a tanh forgives to be clipped."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.first, self.second = nn.Linear(16, 8), nn.Linear(16, 8)
        self.last = nn.Linear(8, 4)

    def forward(self, x):
        one, other = self.first(x), self.second(x)
        return self.last(torch.tanh(4 * one * other * one))


@pytest.fixture(scope="module")
def peaks(workshop_of):
    source = open_source(Peaks().eval(), example_inputs=(torch.zeros(1, 16),))
    arrays = np.random.default_rng(0).standard_normal((160, 1, 16)).astype(np.float32)
    return workshop_of(source, arrays)


def test_it_is_better_than_the_plain_method(peaks):
    recipe = peaks.recipe()
    steps = []
    bench = peaks.bench(lambda done, total: steps.append((done, total)))
    step = CalibrationChoice().apply(recipe, bench)

    assert step.recipe.methods
    assert step.layers
    assert set(step.recipe.methods.values()) - {CalibrationMethod.MIN_MAX}
    assert steps[-1][0] == steps[-1][1] == len(steps)
    assert peaks.sqnr_db(step.recipe) > peaks.sqnr_db(recipe) + 0.5
    for name in step.recipe.methods:
        assert step.recipe.seen.ranges[name] != recipe.seen.ranges[name]


def test_ranges_follow_from_the_methods(peaks):
    recipe = peaks.recipe()
    step = CalibrationChoice().apply(recipe, peaks.bench())
    seen = peaks.bench().observe(recipe.graph, recipe.request, step.recipe.methods)
    assert seen.ranges == step.recipe.seen.ranges


def test_it_can_be_taken_twice_and_is_always_the_same(peaks):
    recipe = peaks.recipe()
    once, again = (CalibrationChoice().apply(recipe, peaks.bench()) for _ in range(2))
    assert once.recipe.methods == again.recipe.methods
    assert once.recipe.make() == again.recipe.make()
    twice = CalibrationChoice().apply(once.recipe, peaks.bench())
    assert twice.recipe is once.recipe
    assert twice.remark == "no tensor loses less by another method"


@pytest.mark.parametrize("method", CalibrationMethod)
def test_it_starts_from_any_method(peaks, method):
    recipe = peaks.recipe(calibration_method=method)
    step = CalibrationChoice().apply(recipe, peaks.bench())
    assert not any(item is method for item in step.recipe.methods.values())
    best = max(peaks.sqnr_db(peaks.recipe(calibration_method=item)) for item in CalibrationMethod)
    assert peaks.sqnr_db(step.recipe) > best - 1.0
