"""Plan an arena: greedy orders, short exact searches, climbing, then the search that proves."""

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
_SHORT: Final = 500  # nodes of a search that may fail


def plan_memory(
    buffers: Sequence[Buffer], overlaps: Sequence[Overlap] = (), *, seconds: float = 10.0
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
    orders = {name: order(instance, spans) for name, order in ORDERS.items()}
    plans = {name: place(instance, order) for name, order in orders.items()}
    name = min(plans, key=lambda key: top(instance, plans[key]))
    offsets, method = plans[name], f"greedy, {name}"
    is_proved = _is_proved(instance, offsets)
    if not is_proved:
        offsets, method = _bisect(instance, offsets, method)
        is_proved = _is_proved(instance, offsets)
    if not is_proved:
        offsets, method = _climb(instance, list(orders.values()), offsets, method, seconds)
        is_proved = _is_proved(instance, offsets)
    nodes = int(seconds * _NODES_PER_SECOND / _work(instance))
    while not is_proved:
        found = search(instance, top(instance, offsets) - 1, nodes)
        nodes -= found.nodes
        is_proved = found.is_exhausted
        if found.offsets is not None:
            offsets, method = found.offsets, "exact search"
            is_proved = _is_proved(instance, offsets)
        elif not is_proved:
            return offsets, f"{method}; the search for a smaller one was not exhausted", False
    if top(instance, offsets) > instance.lower_bound:
        return offsets, f"{method}; an exhausted search proves that none is smaller", True
    return offsets, f"{method}; equal to the lower bound", True


def _is_proved(instance: Instance, offsets: Sequence[int]) -> bool:
    """Whether the bound, or a few sections, show that nothing is smaller."""
    height = top(instance, offsets)
    return height <= instance.lower_bound or prove(instance, height - 1)


def _bisect(
    instance: Instance, offsets: tuple[int, ...], method: str
) -> tuple[tuple[int, ...], str]:
    """Return a better plan of short exact searches between the bound and a plan's height."""
    low = instance.lower_bound
    while low < top(instance, offsets):
        ceiling = (low + top(instance, offsets)) // 2
        found = search(instance, ceiling, _SHORT)
        if found.offsets is None:
            low = ceiling + 1
        else:
            offsets, method = found.offsets, "exact search"
    return offsets, method


def _climb(
    instance: Instance,
    orders: Sequence[Sequence[int]],
    offsets: tuple[int, ...],
    method: str,
    seconds: float,
) -> tuple[tuple[int, ...], str]:
    """Return the best plan of many short climbs, or the first that is proved."""
    for number in range(max(1, int(seconds * _CLIMBS_PER_SECOND / _work(instance)))):
        before = top(instance, offsets)
        for start in orders:
            climbed = climb(instance, start, _TRIALS, seed=number)
            if top(instance, climbed) < top(instance, offsets):
                offsets, method = climbed, "hill climbing over orders"
            if top(instance, offsets) <= instance.lower_bound:
                return offsets, method
        if top(instance, offsets) < before and _is_proved(instance, offsets):
            break
    return offsets, method


def _work(instance: Instance) -> float:
    """Return how much longer a plan of these buffers takes than one of forty."""
    return max(1.0, len(instance.sizes) / 40)


def _spans(buffers: Sequence[Buffer]) -> list[int]:
    return [buffer.last_step - buffer.first_step + 1 for buffer in buffers]
