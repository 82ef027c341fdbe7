"""The handwritten digits that scikit-learn ships, divided into what trains and what proves."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

HELD_OUT = 450  # of 1,797
DARKEST = 16.0  # pixel values are 0..16


@dataclass(frozen=True, slots=True)
class Digits:
    """Images float32 ``[count, 1, 8, 8]`` in 0..1, and the digit in each, int64 ``[count]``."""

    train_images: NDArray[np.float32]
    train_labels: NDArray[np.int64]
    held_out_images: NDArray[np.float32]
    held_out_labels: NDArray[np.int64]


def load(seed: int) -> Digits:
    """Return the digits; those held out are seen neither by training nor by calibration."""
    digits: Any = load_digits()
    images = (digits.images[:, None] / DARKEST).astype(np.float32)
    labels = digits.target.astype(np.int64)
    parts = train_test_split(images, labels, test_size=HELD_OUT, random_state=seed, stratify=labels)
    train_images, held_out_images, train_labels, held_out_labels = parts
    return Digits(train_images, train_labels, held_out_images, held_out_labels)
