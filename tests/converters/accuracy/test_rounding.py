"""Learned rounding of whole models: where weights lose, it gains; Ctrl-C loses nothing learned."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from edgekit.bundle.manifest import Io, Scheme
from edgekit.converters.accuracy import LearnedRounding
from edgekit.converters.accuracy.adaround import Settings
from edgekit.converters.graph import read_graph
from edgekit.converters.sources import open_source

QUICK = LearnedRounding(Settings(steps=150), positions=1024)


class Layers(nn.Module):
    """Every kind of layer that learns, with channels that resemble each other, as trained ones do.

    Of channels without any likeness, each weight is best rounded to the nearest.
    """

    def __init__(self):
        super().__init__()
        torch.manual_seed(4)
        self.first = nn.Conv2d(1, 8, 3, padding=1)
        self.depthwise = nn.Conv2d(8, 8, 3, stride=2, padding=1, groups=8)
        self.grouped = nn.Conv2d(8, 8, 3, padding=1, groups=2)
        self.dense = nn.Linear(8 * 16, 8)
        with torch.no_grad():
            self.first.weight.copy_(self.first.weight[:1] + self.first.weight / 5)
            self.depthwise.weight.copy_(self.depthwise.weight[:1] + self.depthwise.weight / 5)

    def forward(self, x):
        hidden = nn.functional.relu6(self.first(x))
        hidden = torch.relu(self.grouped(self.depthwise(hidden)))
        return self.dense(hidden.flatten(1))


@pytest.fixture(scope="module")
def layers(workshop_of):
    source = open_source(Layers().eval(), example_inputs=(torch.zeros(1, 1, 8, 8),))
    generator = np.random.default_rng(0)
    walks = np.cumsum(generator.standard_normal((160, 1, 1, 8, 8)), axis=-1)
    return workshop_of(source, np.clip(walks, -2, 2).astype(np.float32))


def int16(made):
    """A recipe in which weights alone lose anything."""
    return made.recipe(scheme=Scheme.INT16X8, io=Io.INT16)


def test_it_gains_where_weights_lose_and_changes_nothing_else(layers):
    recipe = int16(layers)
    steps = []
    step = QUICK.apply(recipe, layers.bench(lambda done, total: steps.append((done, total))))

    assert layers.sqnr_db(step.recipe) > layers.sqnr_db(recipe) + 2
    assert steps == [(count, 4) for count in range(1, 5)]
    assert 2 <= len(step.layers) <= 4
    before, after = (read_graph(item.make()).main for item in (recipe, step.recipe))
    for one, other in zip(before.tensors, after.tensors, strict=True):
        assert (one.name, one.quantization) == (other.name, other.quantization)
    for name, chosen in step.recipe.choices.weights.items():
        codes = next(item for item in after.tensors if item.name == name).data
        assert codes == chosen.codes.tobytes()
        plain = next(item for item in before.tensors if item.name == name).data
        apart = np.frombuffer(codes, np.int8).astype(int) - np.frombuffer(plain, np.int8)
        assert 0 < np.abs(apart).max() <= 1


def test_ctrl_c_keeps_what_is_done_and_the_next_call_goes_on(workshop_of):
    source = open_source(Layers().eval(), example_inputs=(torch.zeros(1, 1, 8, 8),))
    arrays = np.random.default_rng(1).standard_normal((130, 1, 1, 8, 8)).astype(np.float32)
    made = workshop_of(source, arrays)
    recipe = int16(made)

    def stop(done, _total):
        if done == 2:
            raise KeyboardInterrupt

    partial = QUICK.apply(recipe, made.bench(stop))
    assert partial.interrupted
    assert "ended by Ctrl-C after 2" in partial.remark
    learned = set(partial.recipe.choices.weights)

    bench = made.bench()
    entries = {entry.key for entry in bench.cache.entries()}
    assert len(entries) == 2
    whole = QUICK.apply(recipe, bench)
    assert not whole.interrupted
    assert entries < {entry.key for entry in bench.cache.entries()}
    assert learned <= set(whole.recipe.choices.weights)
    for name in learned:
        first, again = (item.recipe.choices.weights[name] for item in (partial, whole))
        np.testing.assert_array_equal(first.codes, again.codes)
    # From the cache alone, and without it, it is the same model.
    assert QUICK.apply(recipe, bench).recipe.make() == whole.recipe.make()
    other = replace(made, folder=made.folder / "other")
    assert QUICK.apply(recipe, other.bench()).recipe.make() == whole.recipe.make()


def test_codes_of_another_grid_are_not_used(layers):
    recipe = int16(layers)
    step = QUICK.apply(recipe, layers.bench())
    choices = step.recipe.choices
    coarser = {
        name: replace(
            item,
            quantization=replace(
                item.quantization, scales=tuple(2 * s for s in item.quantization.scales)
            ),
        )
        for name, item in choices.weights.items()
    }
    moved = replace(recipe, choices=replace(choices, weights=coarser))
    assert moved.make() == recipe.make()
