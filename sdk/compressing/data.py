"""Labelled samples `(x, y)`: checked, and divided into what trains and what measures."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from edgekit.compressing.errors import CompressionError
from edgekit.converters.sources.base import first_line

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["LabelledData", "divide", "scores_of"]

_OWN_LOOP = "for other tasks, give your own training loop: train=callable"


@dataclass(frozen=True, slots=True)
class LabelledData:
    """Samples and their classes, as tensors with the samples along the first axis.

    Attributes:
        x: What trains.
        y: Its classes, int64.
        held_out_x: What measures accuracy, and trains nothing.
        held_out_y: Its classes.
    """

    x: "Tensor"
    y: "Tensor"
    held_out_x: "Tensor"
    held_out_y: "Tensor"

    def example(self) -> tuple["Tensor", ...]:
        """Return what a module takes, with one sample."""
        return (self.x[:1],)


def divide(data: Any, module: "nn.Module", *, held_out: float, seed: int) -> LabelledData:
    """Check ``(x, y)`` against a module and divide it, by a seeded shuffle.

    Args:
        data: Arrays: samples ``[count, ...]`` as the module takes them, and class indices
            ``[count]``.
        module: What will be trained.
        held_out: Share that does not train.
        seed: Of the shuffle.

    Raises:
        CompressionError: Arrays that are no such pair, or that the module does not take.
    """
    import torch

    x, y = _checked(data)
    count = round(held_out * len(x)) or 1
    if len(x) - count < 2:
        raise CompressionError(
            f"{len(x)} samples cannot be divided into some that train and some that measure",
            hint="give at least 3, better some hundreds",
        )
    order = np.random.default_rng(seed).permutation(len(x))
    tensors = torch.from_numpy(x[order]), torch.from_numpy(y[order])
    classes = scores_of(module, tensors[0][:2]).shape[1]
    if y.min() < 0 or y.max() >= classes:
        strange = int(y.min() if y.min() < 0 else y.max())
        raise CompressionError(
            f"y has the class {strange}, but the module has {classes} scores",
            hint=f"give classes 0 to {classes - 1}",
        )
    return LabelledData(
        tensors[0][count:], tensors[1][count:], tensors[0][:count], tensors[1][:count]
    )


def scores_of(module: "nn.Module", x: "Tensor", *, name: str = "the module") -> "Tensor":
    """Return the scores ``[samples, classes]`` of a module in evaluation mode.

    Raises:
        CompressionError: The module does not take the samples, or gives something else.
    """
    import torch

    module.eval()
    try:
        with torch.no_grad():
            scores = module(x)
    except Exception as error:
        raise CompressionError(
            f"{name} cannot be run on {x.dtype} samples of shape {list(x.shape[1:])}: "
            f"{first_line(error)}",
            hint="x has to be as the module takes it, with the samples along the first axis",
        ) from error
    if not isinstance(scores, torch.Tensor) or scores.dim() != 2 or not scores.is_floating_point():
        shape = tuple(scores.shape) if isinstance(scores, torch.Tensor) else type(scores).__name__
        raise CompressionError(
            f"{name} gives {shape}, where (samples, classes) is needed", hint=_OWN_LOOP
        )
    return scores


def _checked(data: Any) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    if not isinstance(data, tuple | list) or len(data) != 2:
        raise CompressionError(
            "the data are no pair (x, y)", hint="give samples and their classes as two arrays"
        )
    x, y = (np.asarray(item) for item in data)
    if x.dtype == np.float64:
        x = x.astype(np.float32)
    if x.dtype.kind not in "fiu" or x.ndim < 2:
        raise CompressionError(
            f"x is {x.dtype} of shape {x.shape}", hint="give numbers, with one sample a row"
        )
    if y.dtype.kind not in "iu" or y.ndim != 1:
        raise CompressionError(
            f"y is {y.dtype} of shape {y.shape}", hint=f"give one class index a sample; {_OWN_LOOP}"
        )
    if len(x) != len(y):
        raise CompressionError(
            f"x has {len(x)} samples and y {len(y)} classes", hint="give one class a sample"
        )
    strange = int(np.count_nonzero(~np.isfinite(x))) if x.dtype.kind == "f" else 0
    if strange:
        raise CompressionError(
            f"x has {strange} values that are NaN or infinite", hint="clean or leave them out"
        )
    return x, y.astype(np.int64)
