"""An order of execution in which less is alive at once; branches leave a choice.

Best-first search over sets of operators that are done, by the peak of the activations until then
(the problem of E. Liberis, N. D. Lane, "Neural networks on microcontrollers: saving memory at
inference via operator reordering", arXiv 1910.05110): the first set that holds all of them has
the smallest peak.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from edgekit.converters.c.striping import Schedule, layer_by_layer
from edgekit.converters.graph import DataType, Subgraph

__all__ = ["reordered"]

_MOST_SETS: Final = 20_000
_STATEFUL: Final = frozenset([DataType.RESOURCE, DataType.VARIANT])


@dataclass(frozen=True, slots=True, order=True)
class _State:
    """Operators that are done, as bits; ``rank`` makes the order of equals a fixed one."""

    peak: int
    left: int
    rank: int
    done: int = field(compare=False)
    alive: frozenset[int] = field(compare=False)
    order: tuple[int, ...] = field(compare=False)


def reordered(main: Subgraph) -> Schedule | None:
    """Return the order with the smallest peak of activations.

    Returns:
        None where the given order has it already, where the search is given up, or where
        operators share a state, so that their order means something.
    """
    stateful = (tensor.is_variable or tensor.dtype in _STATEFUL for tensor in main.tensors)
    if any(stateful):
        return None
    search = _Search(main)
    order = search.run()
    if order is None or search.peak(order) >= search.peak(range(len(main.operators))):
        return None
    operators = tuple(main.operators[position] for position in order)
    return replace(
        layer_by_layer(replace(main, operators=operators)), method="reordered, layer by layer"
    )


class _Search:
    """What is written and read by which operator, by position."""

    def __init__(self, main: Subgraph) -> None:
        self.main = main
        self.reads = [self._activations(item.inputs) for item in main.operators]
        self.writes = [frozenset(item.outputs) for item in main.operators]
        self.readers: dict[int, int] = {}
        writers: dict[int, int] = {}
        for position in range(len(main.operators)):
            for tensor in self.reads[position]:
                self.readers[tensor] = self.readers.get(tensor, 0) | 1 << position
            writers.update(dict.fromkeys(self.writes[position], 1 << position))
        self.needs = [sum({writers.get(item, 0) for item in reads}) for reads in self.reads]
        self.all = (1 << len(main.operators)) - 1
        self.start = self._activations(main.inputs)

    def _activations(self, tensors: tuple[int, ...]) -> frozenset[int]:
        known = (index for index in tensors if index >= 0)
        return frozenset(index for index in known if not self.main.tensors[index].is_constant)

    def run(self) -> tuple[int, ...] | None:
        """Return the best order, None where there are too many."""
        waiting = [_State(0, len(self.reads), 0, 0, self.start, ())]
        best: dict[int, int] = {0: 0}
        rank = 0
        while waiting and rank < _MOST_SETS:
            state = heapq.heappop(waiting)
            if not state.left:
                return state.order
            if state.peak > best[state.done]:
                continue
            for after in self._following(state):
                if after.peak < best.get(after.done, after.peak + 1):
                    rank += 1
                    best[after.done] = after.peak
                    heapq.heappush(waiting, replace(after, rank=rank))
        return None

    def peak(self, order: range | tuple[int, ...]) -> int:
        """Return the most bytes that are alive at once in an order."""
        state = _State(0, 0, 0, 0, self.start, ())
        for position in order:
            state = self._after(state, position)
        return state.peak

    def _following(self, state: _State) -> Iterator[_State]:
        for position, needed in enumerate(self.needs):
            if not state.done >> position & 1 and state.done & needed == needed:
                yield self._after(state, position)

    def _after(self, state: _State, position: int) -> _State:
        alive = state.alive | self.writes[position]
        done = state.done | 1 << position
        here = sum(self.main.tensors[tensor].size_bytes for tensor in alive)
        kept = frozenset(
            tensor
            for tensor in alive
            if tensor in self.main.outputs or self.readers.get(tensor, 0) & ~done
        )
        order = (*state.order, position)
        return _State(max(state.peak, here), state.left - 1, 0, done, kept, order)
