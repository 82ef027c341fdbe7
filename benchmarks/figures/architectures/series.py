"""Families in plain torch for sequences of numbers: recurrent, convolutional, an autoencoder."""

import itertools

import torch
from torch import nn
from torch.nn import functional

from architectures.built import Built, Make
from architectures.signals import series

__all__ = ["FAMILIES"]


class Recurrent(nn.Module):
    """Two recurrent layers, the first in both directions, and classes of the last step."""

    def __init__(self, kind: type[nn.LSTM | nn.GRU]) -> None:
        super().__init__()
        self.both = kind(16, 32, batch_first=True, bidirectional=True)
        self.one = kind(64, 32, batch_first=True)
        self.head = nn.Linear(32, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return classes of ``[n, steps, features]``."""
        return self.head(self.one(self.both(x)[0])[0][:, -1])


def recurrent(kind: type[nn.LSTM | nn.GRU]) -> Built:
    """LSTM or GRU over 24 steps."""
    return Built.of(Recurrent(kind), series(16, 24, last=False))


class Causal(nn.Module):
    """A block of a temporal convolutional network: two dilated convolutions that look back."""

    def __init__(self, inputs: int, outputs: int, dilation: int) -> None:
        super().__init__()
        self.pad = 2 * dilation
        self.first = nn.Conv1d(inputs, outputs, 3, dilation=dilation)
        self.second = nn.Conv1d(outputs, outputs, 3, dilation=dilation)
        self.norms = nn.ModuleList([nn.BatchNorm1d(outputs), nn.BatchNorm1d(outputs)])
        self.skip = nn.Conv1d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return a sequence of the same length."""
        y = torch.relu(self.norms[0](self.first(functional.pad(x, (self.pad, 0)))))
        y = torch.relu(self.norms[1](self.second(functional.pad(y, (self.pad, 0)))))
        return torch.relu(y + self.skip(x))


def temporal() -> Built:
    """TCN with dilations of 1, 2, 4 and 8."""
    blocks = [Causal(4 if rate == 1 else 32, 32, rate) for rate in (1, 2, 4, 8)]
    module = nn.Sequential(*blocks, nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(32, 6))
    return Built.of(module, series(4, 128))


def autoencoder() -> Built:
    """The dense autoencoder of anomaly detection: 640 numbers through 8 and back."""
    layers: list[nn.Module] = []
    sizes = (640, 128, 128, 128, 8, 128, 128, 128)
    for inputs, outputs in itertools.pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.BatchNorm1d(outputs), nn.ReLU()]
    module = nn.Sequential(*layers, nn.Linear(128, 640))
    return Built.of(module, series(640))


class Residual(nn.Module):
    """A basic block of a one-dimensional ResNet."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(inputs, outputs, 7, stride, 3, bias=False),
            nn.BatchNorm1d(outputs),
            nn.ReLU(),
            nn.Conv1d(outputs, outputs, 7, 1, 3, bias=False),
            nn.BatchNorm1d(outputs),
        )
        self.skip: nn.Module = nn.Identity()
        if stride > 1:
            self.skip = nn.Sequential(
                nn.Conv1d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm1d(outputs)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the activated sum."""
        return torch.relu(self.body(x) + self.skip(x))


def residual() -> Built:
    """ResNet over an electrocardiogram of 512 values."""
    stem = [nn.Conv1d(1, 16, 15, 2, 7, bias=False), nn.BatchNorm1d(16), nn.ReLU()]
    blocks = [nn.MaxPool1d(3, 2, 1), Residual(16, 16, 1), Residual(16, 32, 2), Residual(32, 64, 2)]
    end = [nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(64, 5)]
    return Built.of(nn.Sequential(*stem, *blocks, *end), series(1, 512))


FAMILIES: dict[str, Make] = {
    "lstm": lambda: recurrent(nn.LSTM),
    "gru": lambda: recurrent(nn.GRU),
    "tcn": temporal,
    "autoencoder": autoencoder,
    "resnet-1d": residual,
}
