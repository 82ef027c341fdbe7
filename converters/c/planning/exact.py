"""Exact search: buffers from the bottom up, branch and bound, until nothing smaller can exist.

Some smallest plan has the least sum of offsets. In it, every buffer rests on the bottom or on a
neighbour, so that it is built by placing buffers in the order of their offsets, each as low as
those before it allow. The search walks these orders. It gives one up when the buffers that are
still to come, all of them above the last one, cannot be stacked below the best known top in some
section, or when one of them would fit wholly underneath (then the sum of offsets could shrink).
Sections and the last two rules are those of Moffitt, "MiniMalloc: A Lightweight Memory Allocator
for Hardware-Accelerated Machine Learning", ASPLOS 2023; overlaps are an addition.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from edgekit.converters.c.planning.instance import Instance

__all__ = ["Found", "prove", "search"]

_WINDOWS: Final = (2, 4, 8)
_WINDOW_NODES: Final = 500


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to.

    Attributes:
        offsets: A plan below the ceiling, in granules; None where none was found.
        is_exhausted: Whether every order was walked or ruled out.
        nodes: How many partial plans were looked at.
    """

    offsets: tuple[int, ...] | None
    is_exhausted: bool
    nodes: int


@dataclass(frozen=True, slots=True)
class _Node:
    """A partial plan: ``floors`` are offsets of placed buffers, lowest ones of the others."""

    waiting: int
    floors: tuple[int, ...]
    last: int
    last_offset: int


@dataclass(slots=True)
class _Search:
    instance: Instance
    ceiling: int
    sections: list[int] = field(init=False)
    related: list[int] = field(init=False)
    ranks: list[tuple[int, int]] = field(init=False)
    heights: dict[int, int] = field(default_factory=dict)
    failed: set[tuple[int, tuple[int, ...]]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.sections = [sum(1 << i for i in section) for section in self.instance.sections]
        self.related = [
            sum(1 << other for other, _, _ in neighbours) for neighbours in self.instance.neighbours
        ]
        self.ranks = [(-size, index) for index, size in enumerate(self.instance.sizes)]

    def root(self) -> _Node:
        count = len(self.instance.sizes)
        return _Node((1 << count) - 1, (0,) * count, -1, 0)

    def children(self, node: _Node) -> Iterator[_Node]:
        """Yield the partial plans with one buffer more, the most promising first."""
        waiting = list(_members(node.waiting))
        floors, sizes = node.floors, self.instance.sizes
        # Above this, the buffer with the lowest end would fit wholly underneath.
        limit = min(floors[i] + sizes[i] for i in waiting)
        ready = [i for i in waiting if node.last_offset <= floors[i] < limit]
        for index in sorted(ready, key=lambda i: (floors[i], self.ranks[i])):
            if self._comes_after(node, index):
                child = self._place(node, index)
                if child is not None and self._may_fit(child):
                    yield child

    def _comes_after(self, node: _Node, index: int) -> bool:
        """Of unrelated buffers at the same offset, the one of lower rank goes first."""
        return (
            node.floors[index] > node.last_offset
            or node.last < 0
            or self.ranks[index] > self.ranks[node.last]
            or bool(self.related[index] >> node.last & 1)
        )

    def _place(self, node: _Node, index: int) -> _Node | None:
        floors, offset = list(node.floors), node.floors[index]
        waiting = node.waiting & ~(1 << index)
        for other, above, _ in self.instance.neighbours[index]:
            if waiting >> other & 1 and offset + above > floors[other]:
                floors[other] = self.instance.aligned(other, offset + above)
                if floors[other] + self.instance.sizes[other] > self.ceiling:
                    return None
        return _Node(waiting, tuple(floors), index, offset)

    def _may_fit(self, node: _Node) -> bool:
        """Whether what waits in each section can be stacked between its floor and the ceiling."""
        for section in self.sections:
            stack = 0
            members = _members(section & node.waiting)
            for index in sorted(members, key=lambda i: -node.floors[i]):
                stack |= 1 << index
                floor = max(node.floors[index], node.last_offset)
                if floor + self._height(stack) > self.ceiling:
                    return False
        return True

    def _height(self, stack: int) -> int:
        if stack not in self.heights:
            self.heights[stack] = self.instance.height(_members(stack))
        return self.heights[stack]


def search(instance: Instance, ceiling: int, nodes: int) -> Found:
    """Look for a plan that is no higher than ``ceiling``.

    Args:
        instance: The problem.
        ceiling: In granules.
        nodes: How many partial plans to look at before giving up. A number and not a time, so
            that the same model gives the same plan on every machine.
    """
    state = _Search(instance, ceiling)
    stack, seen = [state.children(state.root())], 0
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
            continue
        seen += 1
        if not node.waiting:
            return Found(node.floors, is_exhausted=False, nodes=seen)
        if seen >= nodes:
            return Found(None, is_exhausted=False, nodes=seen)
        key = (node.waiting, _future(node))
        if key not in state.failed:
            state.failed.add(key)
            stack.append(state.children(node))
    return Found(None, is_exhausted=True, nodes=seen)


def prove(instance: Instance, ceiling: int) -> bool:
    """Whether a few neighbouring sections alone show that no plan fits below ``ceiling``.

    Where overlaps make the bound of one section too low, a step with those before and after it
    usually tells, and has few buffers.
    """
    sections = instance.sections
    for width in _WINDOWS:
        for start in range(max(1, len(sections) - width + 1)):
            window = {index for section in sections[start : start + width] for index in section}
            found = search(instance.restricted(window), ceiling, _WINDOW_NODES)
            if found.offsets is None and found.is_exhausted:
                return True
    return False


def _future(node: _Node) -> tuple[int, ...]:
    """Return all that decides what can still come."""
    return (node.last, node.last_offset, *(node.floors[i] for i in _members(node.waiting)))


def _members(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
