"""Which layers can lose channels, and which parameters go with a channel."""

import pytest
import torch
from torch import nn

from edgekit.compressing import CompressionError
from edgekit.compressing.channel_followers import channel_layers


def found(module, *shape):
    names = {id(part): name for name, part in module.named_modules()}
    return {
        names[id(item.layer)]: {f"{names[id(owner)]}.{name}" for owner, name in item.followers}
        for item in channel_layers(module, (torch.zeros(1, *shape),))
    }


def test_a_channel_takes_bias_norm_and_depthwise_along(make_net):
    depthwise = {"3.weight", "3.bias", "4.weight", "4.bias"}
    assert found(make_net(), 1, 8, 8) == {"0": {"1.weight", "1.bias", *depthwise}, "6": {"6.bias"}}


class Residual(nn.Module):
    """Two layers of which a sum is taken, and a layer that gives the outputs."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, padding=1)
        self.inner = nn.Conv2d(4, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.head = nn.Conv2d(4, 5, 1)

    def forward(self, x):
        x = self.stem(x)
        y = self.norm(x + self.inner(x))
        return self.head(y.relu()).mean((2, 3))


def test_what_belongs_to_a_sum_of_layers_is_not_one_layers_own():
    assert found(Residual(), 3, 8, 8) == {"stem": {"stem.bias"}, "inner": {"inner.bias"}}


def test_a_norm_without_gamma_cannot_be_zero():
    net = nn.Sequential(
        nn.Linear(4, 4), nn.BatchNorm1d(4, affine=False), nn.Linear(4, 4), nn.Linear(4, 2)
    )
    assert found(net, 4) == {"2": {"2.bias"}}


def test_layers_that_take_turns_are_one():
    layer = nn.Linear(4, 4)
    net = nn.Sequential(layer, nn.ReLU(), layer, nn.BatchNorm1d(4), nn.Linear(4, 2))
    assert found(net, 4) == {"0": {"0.bias", "3.weight", "3.bias"}}


def test_what_cannot_be_traced_is_refused():
    class Branching(nn.Module):
        def forward(self, x):
            return x if x.sum() > 0 else -x

    with pytest.raises(CompressionError, match=r"torch\.export cannot trace"):
        found(Branching(), 4)
