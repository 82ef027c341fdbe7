"""Keeps a random part of the samples of very fast models, so that a result stays small."""

import numpy as np
from numpy.typing import NDArray

from edgekit.benchmarks.window import MAX_WINDOW_SAMPLES

__all__ = ["Thinning"]


class Thinning:
    """Draws which samples of a window are kept; order statistics of them stay unbiased.

    At random, not every n-th: inputs are taken in turn, and a fixed step would meet the same
    ones again and again.

    Args:
        seed: The same seed keeps the same samples.
    """

    def __init__(self, seed: int) -> None:
        self._generator = np.random.default_rng(seed)
        self._share = 1.0

    def expect(self, runs: float) -> None:
        """Say about how many runs the next window will have."""
        self._share = min(1.0, MAX_WINDOW_SAMPLES / max(1.0, runs))

    def kept(self, batch: NDArray[np.float64]) -> list[float]:
        """Return the samples of a batch that are kept, in their order."""
        count = max(1, round(self._share * len(batch)))
        if count >= len(batch):
            return [float(sample) for sample in batch]
        chosen = np.sort(self._generator.choice(len(batch), count, replace=False))
        return [float(sample) for sample in batch[chosen]]
