"""Multiply-accumulates are half of the operations that torch counts."""

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from edgekit.converters.graph.macs import subgraph_macs
from edgekit.converters.lowering import lower_source
from edgekit.converters.sources import open_source


class Layers(nn.Module):
    """Every kind of layer, and a product of matrices."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(8, 6, (3, 5), stride=2),
            nn.Conv2d(6, 6, 3, padding=1, groups=2),
            nn.Conv2d(6, 12, 3, padding=1, groups=6),
            nn.ConvTranspose2d(12, 5, 2, stride=2),
            nn.Linear(8, 7),
        )

    def forward(self, x):
        y = self.layers(x)
        return y @ y.transpose(2, 3)


def test_layers():
    module, example = Layers().eval(), torch.zeros(1, 8, 10, 12)
    with FlopCounterMode(display=False) as counter:
        module(example)
    graph = lower_source(open_source(module, example_inputs=(example,))).graph
    assert 2 * subgraph_macs(graph.main) == counter.get_total_flops()
