"""Costs are those that a calculator gives."""

import numpy as np
import torch
from torch import nn

from edgekit.converters.accuracy.cost import cost_of
from edgekit.converters.graph import peak_activation_bytes, read_graph
from edgekit.converters.sources import open_source


class Small(nn.Module):
    """A convolution, a depthwise and a transposed one, a product of matrices, a dense layer."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.depthwise = nn.Conv2d(4, 4, 3, padding=1, groups=4)
        self.up = nn.ConvTranspose2d(4, 2, 2, stride=2)
        self.dense = nn.Linear(8, 3)

    def forward(self, x):
        hidden = self.up(torch.relu(self.depthwise(torch.relu(self.conv(x)))))
        rows = hidden.flatten(2)[:, :, :8]
        return self.dense(torch.tanh(rows @ rows.transpose(1, 2) @ rows))


def test_macs_are_counted_by_type(workshop_of):
    source = open_source(Small().eval(), example_inputs=(torch.zeros(1, 1, 6, 6),))
    arrays = np.random.default_rng(0).standard_normal((40, 1, 1, 6, 6)).astype(np.float32)
    made = workshop_of(source, arrays, calibrating=24)
    macs = 36 * 9 * 4 + 36 * 9 * 4 + 36 * 4 * 4 * 2 + 2 * (2 * 2 * 8) + 2 * 8 * 3

    plain = made.recipe().make()
    cost = cost_of(read_graph(plain))
    assert (cost.int8_macs, cost.int16_macs, cost.float_macs) == (macs, 0, 0)
    assert cost.model_bytes == len(plain)
    assert cost.activation_bytes == peak_activation_bytes(read_graph(plain).main)
    assert cost_of(read_graph(made.lowered.tflite)).float_macs == macs
