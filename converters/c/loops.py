"""Nested loops over tensors, in as few levels as possible."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Loops", "affine_steps", "broadcast_loops", "merged"]


@dataclass(frozen=True, slots=True)
class Loops:
    """Loops around each other, the outermost first.

    Attributes:
        sizes: How often each runs.
        steps: For each tensor, how many elements further it goes with each turn of each loop.
    """

    sizes: tuple[int, ...]
    steps: tuple[tuple[int, ...], ...]

    def padded(self, levels: int) -> "Loops":
        """Return the same with loops that run once around them."""
        more = levels - len(self.sizes)
        return Loops((1,) * more + self.sizes, tuple((0,) * more + steps for steps in self.steps))


def merged(loops: Loops) -> Loops:
    """Return the same with loops that go on where the inner one ends joined with it."""
    sizes: list[int] = []
    steps: list[list[int]] = []
    for level, size in enumerate(loops.sizes):
        if size == 1:
            continue
        own = [tensor[level] for tensor in loops.steps]
        if sizes and all(
            outer == inner * size for outer, inner in zip(steps[-1], own, strict=True)
        ):
            sizes[-1] *= size
            steps[-1] = own
        else:
            sizes.append(size)
            steps.append(own)
    by_tensor = tuple(tuple(level[i] for level in steps) for i in range(len(loops.steps)))
    return Loops(tuple(sizes), by_tensor)


def broadcast_loops(output: Sequence[int], *inputs: Sequence[int]) -> Loops:
    """Return the loops of an elementwise operator whose output is written without a gap."""
    found = []
    for shape in (output, *inputs):
        whole = (1,) * (len(output) - len(shape)) + tuple(shape)
        steps, step = [], 1
        for size in reversed(whole):
            steps.append(0 if size == 1 else step)
            step *= size
        found.append(tuple(reversed(steps)))
    loops = merged(Loops(tuple(output), tuple(found)))
    return Loops(loops.sizes, loops.steps[1:])


def affine_steps(grid: npt.NDArray[np.int64]) -> tuple[int, tuple[int, ...]] | None:
    """Return start and steps of a grid of element numbers, None if it has none.

    With them, every element is the start and, for each axis, its index times the step.
    """
    start = int(grid.flat[0])
    steps = []
    for axis, size in enumerate(grid.shape):
        second = [0] * grid.ndim
        second[axis] = 1
        steps.append(int(grid[tuple(second)]) - start if size > 1 else 0)
    wanted = np.full(grid.shape, start)
    for axis, step in enumerate(steps):
        shape = [1] * grid.ndim
        shape[axis] = grid.shape[axis]
        wanted = wanted + (np.arange(grid.shape[axis]) * step).reshape(shape)
    return (start, tuple(steps)) if np.array_equal(grid, wanted) else None
