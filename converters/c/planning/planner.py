"""Plan an arena: the best greedy order, better orders by climbing, then the exact search."""

from collections.abc import Sequence
from typing import Final

from edgekit.converters.c.planning.buffers import Buffer, MemoryPlan, Overlap
from edgekit.converters.c.planning.checking import check_plan
from edgekit.converters.c.planning.exact import prove, search
from edgekit.converters.c.planning.greedy import ORDERS, climb, place, top
from edgekit.converters.c.planning.instance import Instance, make_instance

__all__ = ["plan_memory"]

# Rates of one core of a common PC for forty buffers, so that each part takes half of the time.
_NODES_PER_SECOND: Final = 2_500
_CLIMBS_PER_SECOND: Final = 1.5
_TRIALS: Final = 500


def plan_memory(
    buffers: Sequence[Buffer], overlaps: Sequence[Overlap] = (), *, seconds: float = 5.0
) -> MemoryPlan:
    """Return offsets of ``buffers`` in the smallest arena that can be found.

    Two buffers that are alive in the same step get bytes of their own, except where an overlap
    lets an output run behind an input that dies.

    Args:
        buffers: With unique names.
        overlaps: What may lie over what.
        seconds: About how long to look for a better plan or for the proof that there is none.
            It is turned into a number of steps, so that the same buffers give the same plan on
            every machine.

    Raises:
        PlanningError: The buffers or overlaps contradict themselves.
    """
    instance = make_instance(buffers, overlaps)
    offsets, method, is_optimal = _solve(instance, _spans(buffers), seconds)
    granule = instance.granule_bytes
    plan = MemoryPlan(
        offsets={
            buffer.name: offset * granule for buffer, offset in zip(buffers, offsets, strict=True)
        },
        size_bytes=top(instance, offsets) * granule,
        lower_bound_bytes=instance.lower_bound * granule,
        is_optimal=is_optimal,
        method=method,
        buffers=tuple(buffers),
        overlaps=tuple(overlaps),
    )
    check_plan(plan)
    return plan


def _solve(
    instance: Instance, spans: Sequence[int], seconds: float
) -> tuple[tuple[int, ...], str, bool]:
    """Return offsets, the method, and whether no smaller plan exists."""
    offsets, method, is_proved = _search_orders(instance, spans, seconds)
    nodes = int(seconds * _NODES_PER_SECOND / _work(instance))
    while not is_proved and top(instance, offsets) > instance.lower_bound:
        found = search(instance, top(instance, offsets) - 1, nodes)
        nodes -= found.nodes
        is_proved = found.is_exhausted
        if found.offsets is not None:
            offsets, method = found.offsets, "exact search"
        elif not is_proved:
            return offsets, f"{method}; the search for a smaller one was not exhausted", False
    if top(instance, offsets) > instance.lower_bound:
        return offsets, f"{method}; an exhausted search proves that none is smaller", True
    return offsets, f"{method}; equal to the lower bound", True


def _search_orders(
    instance: Instance, spans: Sequence[int], seconds: float
) -> tuple[tuple[int, ...], str, bool]:
    """Return the best plan of the fixed orders and of short climbs from each, and any proof."""
    orders = {name: order(instance, spans) for name, order in ORDERS.items()}
    plans = {name: place(instance, order) for name, order in orders.items()}
    name = min(plans, key=lambda key: top(instance, plans[key]))
    offsets, method = plans[name], f"greedy, {name}"
    asked = 0
    for number in range(max(1, int(seconds * _CLIMBS_PER_SECOND / _work(instance)))):
        for start in orders.values():
            if top(instance, offsets) <= instance.lower_bound:
                return offsets, method, True
            climbed = climb(instance, start, _TRIALS, seed=number)
            if top(instance, climbed) < top(instance, offsets):
                offsets, method = climbed, "hill climbing over orders"
        if top(instance, offsets) != asked:
            asked = top(instance, offsets)
            if prove(instance, asked - 1):
                return offsets, method, True
    return offsets, method, False


def _work(instance: Instance) -> float:
    """Return how much longer a plan of these buffers takes than one of forty."""
    return max(1.0, len(instance.sizes) / 40)


def _spans(buffers: Sequence[Buffer]) -> list[int]:
    return [buffer.last_step - buffer.first_step + 1 for buffer in buffers]
