"""Learn for each weight of a layer whether it is rounded up or down.

Source: M. Nagel et al., "Up or Down? Adaptive Rounding for Post-Training Quantization", ICML 2020:
rectified sigmoids between the two neighbours on the grid, pushed to one of them by a regulariser
whose exponent falls, trained so that the layer with the inputs it will really get gives what
the float layer gives with its own.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from edgekit.errors import MissingDependencyError

if TYPE_CHECKING:
    import torch

__all__ = ["Problem", "Settings", "learn_rounding"]

Array = npt.NDArray[Any]

_LOW, _HIGH = -0.1, 1.1  # the sigmoid is stretched to these and clipped (section 3.2)
_WARM_UP = 0.2  # share of the steps without the regulariser
_SHARPEST, _BLUNTEST = 2.0, 20.0  # its exponent, from the second to the first
_ON_GRID = 1e-4  # of a step
_CAPS = {0: None, 1: math.inf, 3: 6.0}  # the schema's ActivationFunctionType


@dataclass(frozen=True, slots=True)
class Settings:
    """How long and how fast to learn.

    Attributes:
        steps: Of gradient descent.
        batch: Positions of the output in each.
        rate: Of learning.
        seed: Of the choice of positions.
    """

    steps: int = 600
    batch: int = 256
    rate: float = 0.02
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """A layer as a product of matrices, see `layers.Layer`.

    Attributes:
        weights: Float, ``[groups, outputs, taps]``.
        scales: Of the weights, of a shape that broadcasts over them.
        bias: ``[groups, 1, outputs]``.
        given: Patches of the float model, ``[groups, positions, taps]``.
        received: The same patches in the integer model, as real values.
        activation: The schema's ActivationFunctionType that is fused: none, RELU or RELU6.
        limit: The largest magnitude of a code.
    """

    weights: Array
    scales: Array
    bias: Array
    given: Array
    received: Array
    activation: int
    limit: int = 127


def learn_rounding(problem: Problem, settings: Settings) -> Array | None:
    """Return int8 codes like the weights; None where rounding to nearest is not improved on.

    Every fourth position is kept apart, and says whether it is. The mean error that rounding adds
    is left out, as the quantizer takes it out of the bias.

    Raises:
        MissingDependencyError: torch is not installed.
    """
    try:
        import torch
    except ImportError as error:
        raise MissingDependencyError("torch", extra="torch", purpose="learned rounding") from error
    layer = _Layer(problem)
    nearest = torch.clamp(torch.round(layer.ratio), -problem.limit, problem.limit)
    positions = torch.arange(problem.given.shape[1])
    learning, apart = positions[positions % 4 != 3], positions[positions % 4 == 3]
    with torch.no_grad():
        before = float(layer.error(nearest, learning))
    # What lies on the grid stays there: zeros of pruned weights, codes that were trained.
    free = ((layer.ratio - torch.round(layer.ratio)).abs() > _ON_GRID).float()
    if before == 0.0 or not len(apart) or not free.any():
        return None
    floor = torch.where(free > 0, torch.floor(layer.ratio), torch.round(layer.ratio))
    rest = layer.ratio - floor
    raw = (-torch.log((_HIGH - _LOW) / (rest - _LOW) - 1.0)).requires_grad_()
    optimizer = torch.optim.Adam([raw], lr=settings.rate)
    generator = torch.Generator().manual_seed(settings.seed)
    for step in range(settings.steps):
        chosen = learning[torch.randperm(len(learning), generator=generator)[: settings.batch]]
        up = free * torch.clamp(torch.sigmoid(raw) * (_HIGH - _LOW) + _LOW, 0.0, 1.0)
        codes = torch.clamp(floor + up, -problem.limit, problem.limit)
        loss = layer.error(codes, chosen) / before
        done = step / settings.steps
        if done >= _WARM_UP:
            share = (done - _WARM_UP) / (1.0 - _WARM_UP)
            exponent = _BLUNTEST + (_SHARPEST - _BLUNTEST) * share
            loss = loss + torch.mean(1.0 - torch.abs(2.0 * up - 1.0) ** exponent)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        codes = torch.clamp(floor + free * (raw >= 0).float(), -problem.limit, problem.limit)
        better = bool(layer.error(codes, apart) < layer.error(nearest, apart))
    found: Array = codes.numpy().astype(np.int8)
    return found if better else None


class _Layer:
    """The layer in torch: what it gives with some codes, against what it should."""

    def __init__(self, problem: Problem) -> None:
        import torch

        def tensor(values: Array) -> "torch.Tensor":
            return torch.tensor(np.asarray(values, np.float32))

        weights, given, received = map(tensor, (problem.weights, problem.given, problem.received))
        self._scales = tensor(np.broadcast_to(problem.scales, problem.weights.shape))
        self.ratio = weights / self._scales
        self._cap = _CAPS[problem.activation]
        mean = given.mean(dim=1, keepdim=True)
        plain = given @ weights.transpose(1, 2) + tensor(problem.bias)
        self._wanted = self._activated(plain)
        # With its bias corrected, the layer gives what its weights make of the rest.
        self._offset = mean @ weights.transpose(1, 2) + tensor(problem.bias)
        self._received = received - mean

    def error(self, codes: "torch.Tensor", chosen: Any) -> "torch.Tensor":
        """Return the mean squared error at some positions."""
        weights = (codes * self._scales).transpose(1, 2)
        made = self._activated(self._received[:, chosen] @ weights + self._offset)
        return ((made - self._wanted[:, chosen]) ** 2).mean()

    def _activated(self, values: "torch.Tensor") -> "torch.Tensor":
        return values if self._cap is None else values.clamp(0.0, self._cap)
