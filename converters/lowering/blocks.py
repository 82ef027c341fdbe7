"""Which axis orders pass through a reshape without moving data."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edgekit.converters.layout import CHANNELS_LAST_AXES

__all__ = ["ReshapeBlocks", "merged_transpose", "place_units", "without_units"]

Axes = tuple[int, ...]


def without_units(axes: Axes, shape: Sequence[int]) -> Axes:
    """Return an order without the axes of size 1, which can stand anywhere."""
    return tuple(axis for axis in axes if shape[axis] != 1)


def place_units(essential: Axes, shape: Sequence[int]) -> Axes:
    """Return a whole order from that of the axes which are not of size 1.

    The source's own order or channels last where they agree with it; else each axis of size 1
    stands behind its predecessor in the source.
    """
    rank = len(shape)
    for axes in (tuple(range(rank)), CHANNELS_LAST_AXES.get(rank)):
        if axes is not None and without_units(axes, shape) == essential:
            return axes
    order = list(essential)
    for axis in range(rank):
        if axis not in essential:
            order.insert(order.index(axis - 1) + 1 if axis else 0, axis)
    return tuple(order)


def merged_transpose(shape: Sequence[int], order: Axes) -> tuple[Axes, Axes]:
    """Return a transposition of the fewest axes that moves the same data, as shape and order.

    Axes of size 1 are left out, and axes that stay neighbours become one.
    """
    runs: list[list[int]] = []
    for axis in without_units(order, shape):
        between = range(runs[-1][-1] + 1, axis) if runs else ()
        joins = runs and axis > runs[-1][-1] and all(shape[item] == 1 for item in between)
        if joins:
            runs[-1].append(axis)
        else:
            runs.append([axis])
    sources = sorted(runs)
    sizes = tuple(_product(shape, run) for run in sources)
    return sizes, tuple(sources.index(run) for run in runs)


@dataclass(frozen=True, slots=True)
class ReshapeBlocks:
    """A reshape as runs of axes that become runs of other axes.

    ``[N, C, H, W] -> [N, g, C/g, H*W]`` has three blocks: N to N, C to (g, C/g), (H, W) to
    H*W. Whole blocks can stand in any order on both sides; inside a block the source's order
    counts.

    Attributes:
        before: Shape before.
        after: Shape after.
        blocks: (axes before, axes after), without axes of size 1.
    """

    before: tuple[int, ...]
    after: tuple[int, ...]
    blocks: tuple[tuple[Axes, Axes], ...]

    @classmethod
    def of(cls, before: tuple[int, ...], after: tuple[int, ...]) -> "ReshapeBlocks":
        """Split a reshape between two shapes of the same size, which is not 0."""
        left = [axis for axis, size in enumerate(before) if size != 1]
        right = [axis for axis, size in enumerate(after) if size != 1]
        blocks = []
        while left:
            ins, outs = [left.pop(0)], [right.pop(0)]
            while (have := _product(before, ins)) != (want := _product(after, outs)):
                if have < want:
                    ins.append(left.pop(0))
                else:
                    outs.append(right.pop(0))
            blocks.append((tuple(ins), tuple(outs)))
        return cls(before, after, tuple(blocks))

    def order_before(self, after: Axes) -> Axes | None:
        """Return the order of the input that a reshape turns into this order of the output.

        None where there is no such order. Axes of size 1 are left out.
        """
        return _translate(
            without_units(after, self.after), [(outs, ins) for ins, outs in self.blocks]
        )

    def order_after(self, before: Axes) -> Axes | None:
        """Return the order of the output that comes out of this order of the input, or None."""
        essential = _translate(without_units(before, self.before), self.blocks)
        return None if essential is None else place_units(essential, self.after)

    def sorted_inside(self, before: Axes) -> Axes | None:
        """Return the order that moves least: blocks stay, axes inside of a block are sorted.

        None where a block is torn apart.
        """
        essential = without_units(before, self.before)
        order: list[int] = []
        while len(order) < len(essential):
            start = len(order)
            (block,) = [ins for ins, _ in self.blocks if essential[start] in ins]
            if set(essential[start : start + len(block)]) != set(block):
                return None
            order.extend(block)
        return tuple(order)


def _product(shape: Sequence[int], axes: Iterable[int]) -> int:
    return math.prod(shape[axis] for axis in axes)


def _translate(order: Axes, blocks: Sequence[tuple[Axes, Axes]]) -> Axes | None:
    translated: list[int] = []
    position = 0
    while position < len(order):
        found = [pair for pair in blocks if order[position : position + len(pair[0])] == pair[0]]
        if not found:
            return None
        ((here, there),) = found
        translated.extend(there)
        position += len(here)
    return tuple(translated)
