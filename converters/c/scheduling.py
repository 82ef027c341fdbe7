"""Find an order of execution whose arena is within a budget."""

from collections.abc import Iterator, Mapping
from typing import Final

from edgekit.converters.c.arena import Arena, plan_arena
from edgekit.converters.c.errors import ArenaBudgetError
from edgekit.converters.c.library import Isa
from edgekit.converters.c.ordering import reordered
from edgekit.converters.c.program import plan_program
from edgekit.converters.c.striping import Schedule, stage_length, striped
from edgekit.converters.graph import Graph

__all__ = ["plan_within"]

_COUNTS: Final = (2, 3, 4, 6, 8, 12, 16, 24, 32)


def plan_within(
    graph: Graph, isa: Isa, origins: Mapping[str, str], budget_bytes: int | None
) -> Arena:
    """Return a program and its arena: in the order that needs the least.

    Where that is over the budget, the first layers are computed in stripes, with as little
    computed twice as will do.

    Args:
        graph: The model.
        isa: What kernels are written for.
        origins: Tensor name -> node of the source, for messages.
        budget_bytes: The most that the arena may take; None where any size will do.

    Raises:
        ContractError: Operators that have no kernel.
        ArenaBudgetError: No schedule that was tried needs so little.
    """
    plain = plan_arena(plan_program(graph, isa, origins))
    order = reordered(graph.main)
    if order is not None:
        other = plan_arena(plan_program(graph, isa, origins, order))
        plain = min(plain, other, key=lambda arena: arena.size_bytes)
    if budget_bytes is None or plain.size_bytes <= budget_bytes:
        return plain
    smallest = plain.size_bytes
    for schedule in sorted(_schedules(graph), key=lambda item: item.extra_macs):
        arena = plan_arena(plan_program(graph, isa, origins, schedule))
        if arena.size_bytes <= budget_bytes:
            return arena
        smallest = min(smallest, arena.size_bytes)
    raise ArenaBudgetError(budget_bytes, smallest)


def _schedules(graph: Graph) -> Iterator[Schedule]:
    for length in range(2, stage_length(graph.main) + 1):
        for count in _COUNTS:
            schedule = striped(graph.main, length, count)
            if schedule is not None:
                yield schedule
