"""A tiny network that reads digits, trained once, and the digits."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn

from edgekit.compressing import CompressionRecipe
from edgekit.compressing.data import divide
from edgekit.compressing.training import Training, hard_loss
from edgekit.progress import SilentProgress


def tiny_net(seed=0, width=8):
    """Return convolution, depthwise, pointwise and classifier: 8x8 pictures to ten scores."""
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(1, width, 3, padding=1, bias=False),
        nn.BatchNorm2d(width, eps=1e-3),
        nn.ReLU(),
        nn.Conv2d(width, width, 3, padding=1, groups=width),
        nn.BatchNorm2d(width),
        nn.ReLU6(),
        nn.Conv2d(width, 16, 1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(0.1),
        nn.Flatten(),
        nn.Linear(256, 10),
    )


@pytest.fixture(scope="session")
def make_net():
    """The function that makes the network, not trained."""
    return tiny_net


@pytest.fixture(scope="session")
def digits():
    """Pictures ``[600, 1, 8, 8]`` in 0..1, and the digit in each."""
    found = load_digits()
    return (found.images[:600, None] / 16).astype(np.float32), found.target[:600]


@pytest.fixture(scope="session")
def trained(digits):
    """The network after a few epochs; tests leave it as it is."""
    net = tiny_net()
    recipe = CompressionRecipe("distill", epochs=4, rate=1e-2)
    data = divide(digits, net, held_out=0.2, seed=0)
    Training(data, recipe, hard_loss, SilentProgress())(net)
    return net.eval()
