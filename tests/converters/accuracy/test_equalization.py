"""Equalization evens out channels, and float outputs stay what they were."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from edgekit.converters.accuracy import Equalization, Step
from edgekit.converters.graph import write_graph
from edgekit.converters.request import CalibrationMethod
from edgekit.converters.sources import open_source
from edgekit.converters.trained_grid import TrainedGrid

SIZE = (1, 8, 8)


class Grouped(nn.Module):
    """Grouped and depthwise layers with multipliers, pooling, padding and a flattening."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(2)
        self.first = nn.Conv2d(1, 4, 3)
        self.wide = nn.Conv2d(4, 8, 3, padding=1, groups=4)
        self.grouped = nn.Conv2d(8, 6, 3, padding=1, groups=2)
        self.dense = nn.Linear(6 * 9, 5)
        self.last = nn.Linear(5, 3)

    def forward(self, x):
        hidden = torch.relu(self.first(x))
        hidden = nn.functional.leaky_relu(self.wide(hidden), 0.1)
        hidden = nn.functional.max_pool2d(torch.relu(self.grouped(hidden)), 2)
        return self.last(torch.relu(self.dense(hidden.flatten(1))))


class Clipped(nn.Module):
    """Two layers with a ReLU6 between, and a sum of what two layers read."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(2)
        self.first = nn.Conv2d(1, 4, 3, padding=1)
        self.second = nn.Conv2d(4, 4, 3, padding=1)
        self.third = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x):
        hidden = nn.functional.relu6(4 * self.first(x))
        residual = self.second(hidden)
        return residual + self.third(residual)


@pytest.fixture(scope="module")
def shop(workshop_of):
    def make(module):
        source = open_source(module.eval(), example_inputs=(torch.zeros(1, *SIZE),))
        arrays = np.random.default_rng(0).standard_normal((40, 1, *SIZE)).astype(np.float32)
        return workshop_of(source, arrays, calibrating=24)

    return make


def uneven(module):
    """Let channels of every layer but the last differ by up to 100x; the next makes up for it."""
    generator = torch.Generator().manual_seed(3)
    factors = [100.0 ** -torch.rand(count, generator=generator) for count in (4, 8, 6, 5)]
    first, wide, grouped, dense = factors
    with torch.no_grad():
        for layer, own in zip(
            (module.first, module.wide, module.grouped, module.dense), factors, strict=True
        ):
            layer.weight.mul_(own.reshape([-1] + [1] * (layer.weight.ndim - 1)))
            layer.bias.mul_(own)
        module.wide.weight.div_(first.repeat_interleave(2)[:, None, None, None])
        by_group = wide.reshape(2, 4).repeat_interleave(3, dim=0)
        module.grouped.weight.div_(by_group[:, :, None, None])
        module.dense.weight.div_(grouped.repeat_interleave(9))
        module.last.weight.div_(dense)
    return module


@pytest.mark.parametrize("dense", [True, False])
def test_float_outputs_stay_and_integers_gain(shop, dense):
    made = shop(uneven(Grouped()))
    recipe = made.recipe(per_channel_dense=dense)
    step = Equalization().apply(recipe, made.bench())

    assert len(step.layers) == 4
    samples = list(made.evaluation)
    before, after = (
        made.bench().float_outputs(graph, samples) for graph in (recipe.graph, step.recipe.graph)
    )
    for one, other in zip(before, after, strict=True):
        for name, values in one.items():
            np.testing.assert_allclose(other[name], values, rtol=1e-4, atol=1e-5)
    assert made.sqnr_db(step.recipe) > made.sqnr_db(recipe) + 3


def test_channels_before_a_depthwise_layer_get_the_same_range(shop):
    made = shop(uneven(Grouped()))
    step = Equalization().apply(made.recipe(), made.bench())
    graph = step.recipe.graph
    first = next(op for op in graph.main.operators if op.kind == "CONV_2D")
    tensor = graph.main.tensors[first.outputs[0]]
    assert tensor.name.endswith("/equalized")
    assert step.recipe.origins[tensor.name] in step.layers
    largest = np.zeros(4)
    runner = made.bench().open(write_graph(graph), keep_inner=True)
    for sample in made.calibration:
        runner.run(sample)
        values = runner.inner_tensors({"x": tensor.index})["x"]
        largest = np.maximum(largest, np.abs(values).max(axis=(0, 1, 2)))
    np.testing.assert_allclose(largest, largest[0], rtol=1e-5)


def test_what_clips_or_is_added_is_no_chain(shop):
    made = shop(Clipped())
    recipe = made.recipe()
    step = Equalization().apply(recipe, made.bench())
    assert step == Step(recipe, (), "no weighted layers with only ReLU or pooling between them")


def test_chains_with_a_trained_grid_are_left_alone(shop):
    made = shop(uneven(Grouped()))
    recipe = made.recipe()
    first = next(op for op in recipe.graph.main.operators if op.kind == "CONV_2D")
    scaled, weights = (recipe.graph.main.tensors[i] for i in (first.outputs[0], first.inputs[1]))
    for name in (scaled.name, weights.name):
        grids = {name: TrainedGrid((0.5,), (0,), "int8", 0)}
        given = replace(recipe, choices=replace(recipe.choices, grids=grids))
        step = Equalization().apply(given, made.bench())
        assert recipe.origins[scaled.name] not in step.layers
        assert len(step.layers) == 3
        assert scaled.name in step.recipe.origins


def test_methods_of_scaled_tensors_are_forgotten(shop):
    made = shop(uneven(Grouped()))
    recipe = made.recipe()
    methods = dict.fromkeys(recipe.seen.ranges, CalibrationMethod.PERCENTILE)
    step = Equalization().apply(replace(recipe, methods=methods), made.bench())
    assert 0 < len(step.recipe.methods) < len(methods)
    assert set(step.recipe.methods) <= set(step.recipe.seen.ranges)
