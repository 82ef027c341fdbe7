"""Good plans in short time: buffers in some order, each at the lowest free place."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np

from edgekit.converters.c.planning.instance import Instance

__all__ = ["ORDERS", "climb", "place", "top"]


def place(instance: Instance, order: Sequence[int]) -> tuple[int, ...]:
    """Return offsets with each buffer as low as those before it in ``order`` allow.

    A placed neighbour j forbids buffer i the open interval from ``offset[j] - distance[i, j]``
    to ``offset[j] + distance[j, i]``.
    """
    offsets = [-1] * len(instance.sizes)
    for index in order:
        forbidden = sorted(
            (offsets[other] - above, offsets[other] + below)
            for other, above, below in instance.neighbours[index]
            if offsets[other] >= 0
        )
        offset = 0
        for start, end in forbidden:
            if start >= offset:
                break
            if end > offset:
                offset = instance.aligned(index, end)
        offsets[index] = offset
    return tuple(offsets)


def top(instance: Instance, offsets: Sequence[int]) -> int:
    """Return the size of the arena in granules."""
    return max((o + s for o, s in zip(offsets, instance.sizes, strict=True)), default=0)


def _by_size(instance: Instance, spans: Sequence[int]) -> list[int]:
    del spans
    return sorted(range(len(instance.sizes)), key=lambda i: -instance.sizes[i])


def _by_span_and_size(instance: Instance, spans: Sequence[int]) -> list[int]:
    return sorted(range(len(instance.sizes)), key=lambda i: -instance.sizes[i] * spans[i])


def _by_crowd(instance: Instance, spans: Sequence[int]) -> list[int]:
    """Order by the highest section that a buffer is in, the largest first in each."""
    del spans
    crowd = [0] * len(instance.sizes)
    for section in instance.sections:
        height = instance.height(section)
        for index in section:
            crowd[index] = max(crowd[index], height)
    return sorted(range(len(crowd)), key=lambda i: (-crowd[i], -instance.sizes[i]))


# The first is what TensorFlow Lite Micro's own planner does.
ORDERS: Final[Mapping[str, Callable[[Instance, Sequence[int]], list[int]]]] = MappingProxyType(
    {
        "by size": _by_size,
        "by size times lifetime": _by_span_and_size,
        "by the crowd they live in": _by_crowd,
    }
)


def climb(
    instance: Instance, start: Sequence[int], trials: int, *, seed: int = 0
) -> tuple[int, ...]:
    """Return the best offsets that changes of an order find: one buffer moves at a time.

    Every second move takes a buffer of those that reach the top, and places it earlier.

    Args:
        instance: The problem.
        start: The order to begin with.
        trials: How many orders to try; fewer when the lower bound is reached.
        seed: Another one takes another way.
    """
    random = np.random.default_rng(seed)
    order, goal = list(start), instance.lower_bound
    offsets = place(instance, order)
    best = top(instance, offsets)
    for trial in range(trials):
        if best <= goal:
            break
        moved = list(order)
        source = int(random.integers(len(order)))
        if trial % 2:
            highest = [k for k, i in enumerate(order) if offsets[i] + instance.sizes[i] == best]
            source = highest[int(random.integers(len(highest)))]
        target = int(random.integers(source + 1 if trial % 2 else len(order)))
        moved.insert(target, moved.pop(source))
        tried = place(instance, moved)
        if top(instance, tried) <= best:
            order, offsets, best = moved, tried, top(instance, tried)
    return offsets
