"""The compact CNN of the demo: train it, prune it, and score it, all in plain torch."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.utils import prune

BATCH = 64


class DigitNet(nn.Module):
    """Three convolutions and a classifier: 14,288 weights."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *_convolution(1, 16),
            *_convolution(16, 32),
            nn.MaxPool2d(2),
            *_convolution(32, 32),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )
        self.classifier = nn.Linear(32, 10)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Image ``[batch, 1, 8, 8]`` -> scores ``[batch, 10]``."""
        scores: torch.Tensor = self.classifier(self.features(image))
        return scores

    def weighted(self) -> dict[str, nn.Conv2d | nn.Linear]:
        """Return the layers that have weights, by what people call them, in their order."""
        convolutions = [layer for layer in self.features if isinstance(layer, nn.Conv2d)]
        named = {f"convolution {index + 1}": layer for index, layer in enumerate(convolutions)}
        return {**named, "classifier": self.classifier}


def _convolution(inputs: int, outputs: int) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    ]


def train(
    network: DigitNet,
    images: NDArray[np.float32],
    labels: NDArray[np.int64],
    *,
    epochs: int,
    rate: float,
    done: Callable[[int, float], None],
) -> None:
    """Train with Adam; ``done`` is told of each epoch and its mean loss."""
    data, targets = torch.from_numpy(images), torch.from_numpy(labels)
    optimizer = torch.optim.Adam(network.parameters(), lr=rate)
    network.train()
    for epoch in range(1, epochs + 1):
        losses = []
        for batch in torch.randperm(len(data)).split(BATCH):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(network(data[batch]), targets[batch])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        done(epoch, float(np.mean(losses)))
    network.eval()


def mask_smallest(network: DigitNet, density: float) -> None:
    """Hold the smallest weights at zero, over all layers, so that ``density`` of them is left."""
    weights = [(layer, "weight") for layer in network.weighted().values()]
    prune.global_unstructured(weights, prune.L1Unstructured, amount=1 - density)


def make_permanent(network: DigitNet) -> None:
    """Turn masks into weights that are zero, which is what an export takes along."""
    for layer in network.weighted().values():
        prune.remove(layer, "weight")


def accuracy(network: DigitNet, images: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Return top-1 in percent."""
    with torch.no_grad():
        found = network(torch.from_numpy(images)).argmax(1).numpy()
    return float(100 * np.mean(found == labels))
