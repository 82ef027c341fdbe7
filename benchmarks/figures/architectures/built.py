"""What a family is made into: a torch module, inputs for it, and samples like real ones."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

__all__ = ["Built", "Draw", "Make", "Picked", "pictures", "tokens", "waves"]

Draw = Callable[[np.random.Generator], tuple[npt.NDArray[Any], ...]]
Make = Callable[[], "Built"]

_SETTLING = 16  # samples for batch-norm statistics
_NORMS = (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d)


@dataclass(frozen=True, slots=True)
class Built:
    """A network of a family.

    Attributes:
        module: In evaluation mode; takes the inputs by position, gives tensors.
        inputs: Example inputs, one for each argument, batch of one.
        draw: Gives the arrays of one realistic sample, shaped as the inputs.
    """

    module: torch.nn.Module
    inputs: tuple[torch.Tensor, ...]
    draw: Draw

    @classmethod
    def of(cls, module: torch.nn.Module, draw: Draw) -> "Built":
        """Take a module with a first sample as its example inputs.

        The variances of batch norms, which say nothing in an untrained network, become those
        of samples.
        """
        _settle(module, draw)
        arrays = draw(np.random.default_rng(0))
        return cls(module.eval(), tuple(torch.from_numpy(array) for array in arrays), draw)


class Picked(torch.nn.Module):
    """A transformers model that gives the named fields of its result as plain tensors.

    Args:
        model: The model.
        takes: Names of its keyword arguments, in the order of the inputs.
        gives: Names of the fields of its result.
    """

    def __init__(
        self,
        model: torch.nn.Module,
        takes: tuple[str, ...] = ("pixel_values",),
        gives: tuple[str, ...] = ("logits",),
    ) -> None:
        super().__init__()
        self.model = model
        self.takes = takes
        self.gives = gives

    def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return the fields, in the order of ``gives``."""
        result = self.model(**dict(zip(self.takes, inputs, strict=True)), return_dict=True)
        return tuple(result[name] for name in self.gives)


def pictures(size: int, channels: int = 3) -> Draw:
    """Draw smooth pictures ``[1, channels, size, size]``, zero mean, about unit variance."""

    def draw(generator: np.random.Generator) -> tuple[npt.NDArray[Any], ...]:
        picture = 0.1 * generator.standard_normal((channels, size, size))
        for cells, weight in ((4, 0.8), (8, 0.5), (16, 0.3)):
            coarse = generator.standard_normal((channels, cells, cells))
            rows = _interpolation(size, cells)
            picture += weight * (rows @ coarse @ rows.T)
        picture += 0.3 * generator.standard_normal((channels, 1, 1))
        return (picture[None].astype(np.float32),)

    return draw


def tokens(length: int, vocabulary: int) -> Draw:
    """Draw token ids ``[1, length]``, int64, frequent ones more often."""

    def draw(generator: np.random.Generator) -> tuple[npt.NDArray[Any], ...]:
        ranks = np.minimum(generator.zipf(1.3, (1, length)), vocabulary)
        return ((ranks - 1).astype(np.int64),)

    return draw


def waves(length: int, rate_hz: int = 16000) -> Draw:
    """Draw sums of a few decaying tones with noise ``[1, length]``, about unit variance."""

    def draw(generator: np.random.Generator) -> tuple[npt.NDArray[Any], ...]:
        seconds = np.arange(length) / rate_hz
        wave = 0.05 * generator.standard_normal(length)
        for _ in range(5):
            turns = generator.uniform(80, 3000) * seconds + generator.uniform()
            wave += (
                np.sin(2 * np.pi * turns)
                * np.exp(-generator.uniform(0, 4) * seconds)
                * generator.uniform(0.1, 1)
            )
        return ((wave / wave.std())[None].astype(np.float32),)

    return draw


def _settle(module: torch.nn.Module, draw: Draw) -> None:
    """Give every batch norm the power of its input on a batch of samples as its variance.

    One power for all channels, and no mean: random channels that carry little of a smooth
    picture, scaled up to unit variance, make a deep network chaos in float too.
    """

    def measure(norm: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        norm.running_mean.zero_()
        norm.running_var.fill_(inputs[0].square().mean())

    norms = [part for part in module.modules() if isinstance(part, _NORMS)]
    if not norms:
        return
    generator = np.random.default_rng(1)
    drawn = [draw(generator) for _ in range(_SETTLING)]
    drawn += [tuple(_noise(array, generator) for array in sample) for sample in drawn]
    batch = [torch.from_numpy(np.concatenate(arrays)) for arrays in zip(*drawn, strict=True)]
    handles = [norm.register_forward_pre_hook(measure) for norm in norms]
    with torch.no_grad():
        module.eval()(*batch)
    for handle in handles:
        handle.remove()


def _noise(array: npt.NDArray[Any], generator: np.random.Generator) -> npt.NDArray[Any]:
    if array.dtype.kind != "f":
        return array
    return generator.standard_normal(array.shape).astype(array.dtype)


def _interpolation(size: int, cells: int) -> npt.NDArray[np.float64]:
    """Return the matrix ``[size, cells]`` that interpolates linearly between cells."""
    places = np.linspace(0, cells - 1, size)[:, None]
    return np.maximum(0.0, 1.0 - np.abs(places - np.arange(cells)))
