"""Seeded series of numbers, as sensors give them."""

from typing import Any

import numpy as np
import numpy.typing as npt

from architectures.built import Draw

__all__ = ["series"]


def series(*shape: int, last: bool = True) -> Draw:
    """Draw sums of three waves in time with some noise, about unit variance, a batch of one.

    Args:
        shape: Of one sample, without the batch; time is the last axis.
        last: Time stays the last axis; else it becomes the first behind the batch.
    """

    def draw(generator: np.random.Generator) -> tuple[npt.NDArray[Any], ...]:
        time = np.arange(shape[-1]) / shape[-1]
        total = 0.2 * generator.standard_normal(shape)
        for _ in range(3):
            frequency = generator.uniform(1.0, 20.0, (*shape[:-1], 1))
            phase = generator.uniform(0.0, 2.0 * np.pi, (*shape[:-1], 1))
            total = total + 0.8 * np.sin(2.0 * np.pi * frequency * time + phase)
        found = total.astype(np.float32)[None]
        return (found if last else np.ascontiguousarray(np.moveaxis(found, -1, 1)),)

    return draw
