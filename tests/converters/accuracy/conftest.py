"""A depthwise network that one int8 grid a tensor breaks, and what a climb of it needs."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn

from edgekit.converters.accuracy import Bench, Judge
from edgekit.converters.cache import Cache
from edgekit.converters.calibration import InputSpec, SampleSet
from edgekit.converters.engines import LoweredModel
from edgekit.converters.engines.own_engine import OwnEngine, plain_recipe
from edgekit.converters.parity import Thresholds
from edgekit.converters.quantize.recipe import Recipe
from edgekit.converters.request import QuantizationRequest
from edgekit.converters.sources import SourceModel, open_source

WIDTH, BLOCKS, TRAINED = 16, 3, 1000
SPREAD = 100.0


class Separable(nn.Module):
    """Digits ``[1,1,8,8]`` to ten scores by depthwise-separable convolutions."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, WIDTH, 3, stride=2, padding=1)
        self.depthwise = nn.ModuleList(
            nn.Conv2d(WIDTH, WIDTH, 3, padding=1, groups=WIDTH) for _ in range(BLOCKS)
        )
        self.pointwise = nn.ModuleList(nn.Conv2d(WIDTH, WIDTH, 1) for _ in range(BLOCKS))
        self.head = nn.Linear(WIDTH, 10)

    def forward(self, x):
        hidden = torch.relu(self.stem(x))
        for depthwise, pointwise in zip(self.depthwise, self.pointwise, strict=True):
            hidden = torch.relu(pointwise(torch.relu(depthwise(hidden))))
        return self.head(hidden.mean((2, 3)))


def trained(x, y):
    """Return the network after a few epochs."""
    torch.manual_seed(0)
    net, epochs = Separable(), 25
    optimizer = torch.optim.Adam(net.parameters(), 1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=epochs * 10)
    for _ in range(epochs):
        for batch in torch.randperm(TRAINED).split(100):
            loss = nn.functional.cross_entropy(net(x[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return net.eval()


def unbalance(net):
    """Let depthwise channels differ by 100x, log-spaced, and the pointwise layers make up for it.

    In float nothing changes. Weights have a scale for each channel, so it is the activations
    between, with one scale a tensor, whose small channels are left with two or three integers.
    """
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for depthwise, pointwise in zip(net.depthwise, net.pointwise, strict=True):
            order = torch.randperm(WIDTH, generator=generator)
            factors = (SPREAD ** -torch.linspace(0, 1, WIDTH))[order]
            depthwise.weight.mul_(factors[:, None, None, None])
            depthwise.bias.mul_(factors)
            pointwise.weight.div_(factors[None, :, None, None])


@dataclass(frozen=True)
class Digits:
    """The digits, shuffled: the first 1,000 train, of which 100 calibrate; the others judge."""

    x: np.ndarray
    y: np.ndarray


@pytest.fixture(scope="session")
def digits():
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    return Digits((x / 8 - 1).reshape(-1, 1, 1, 8, 8)[order].astype(np.float32), y[order])


@pytest.fixture(scope="session")
def separable(digits):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # so small a network gains nothing from more
    net = trained(torch.from_numpy(digits.x[:, 0]), torch.from_numpy(digits.y))
    torch.set_num_threads(threads)
    unbalance(net)
    return net


@dataclass(frozen=True)
class Workshop:
    """A lowered model with samples, and what climbs it."""

    source: SourceModel
    lowered: LoweredModel
    calibration: SampleSet
    evaluation: SampleSet
    folder: object

    def recipe(self, **request) -> Recipe:
        return plain_recipe(self.lowered, QuantizationRequest(**request), self.calibration)

    def bench(self, advance=lambda _done, _total: None) -> Bench:
        return Bench(self.lowered, self.calibration, Cache(self.folder), advance=advance)

    def judge(self, **thresholds) -> Judge:
        return Judge(self.source, self.lowered, self.evaluation, Thresholds(**thresholds))

    def sqnr_db(self, recipe) -> float:
        return self.judge().judge(recipe.make(), recipe.request).sqnr_db


@pytest.fixture(scope="session")
def workshop_of(tmp_path_factory):
    """Return a function that lowers a source and puts samples beside it."""

    def make(source, arrays, labels=None, calibrating=100):
        folder = tmp_path_factory.mktemp("workshop")
        with OwnEngine(Cache(folder), folder / "log") as engine:
            lowered = engine.lower(source)
        specs = tuple(InputSpec(item.name, item.dtype, item.shape) for item in source.inputs)
        name = source.inputs[0].name
        parts = [arrays[:calibrating], arrays[-(len(arrays) - calibrating) :]]
        first, second = (
            SampleSet.from_arrays({name: part}, specs, declarations={}) for part in parts
        )
        if labels is not None:
            second = second.with_labels(labels[calibrating:], ())
        return Workshop(source, lowered, first, second, folder)

    return make


@pytest.fixture(scope="session")
def broken(separable, digits, workshop_of):
    """The unbalanced network: 100 digits calibrate, 500 that did not train judge."""
    chosen = np.r_[:100, TRAINED : TRAINED + 500]
    source = open_source(separable, example_inputs=(torch.zeros(1, 1, 8, 8),))
    return workshop_of(source, digits.x[chosen], digits.y[chosen])
