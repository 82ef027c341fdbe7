"""Hold a plan against its buffers; shares no code with what made the plan."""

from collections.abc import Iterator
from itertools import combinations

from edgekit.converters.c.planning.buffers import Buffer, MemoryPlan
from edgekit.converters.c.planning.errors import UnsafePlanError

__all__ = ["check_plan"]


def check_plan(plan: MemoryPlan) -> None:
    """Check that every buffer has its own aligned place in the arena whenever it is alive.

    Raises:
        UnsafePlanError: A buffer has no place or a wrong one, or two that are alive in the same
            step share bytes that no overlap allows.
    """
    problems = [*_misplaced(plan)]
    if not problems:
        problems = [*_touching(plan)]
    if problems:
        raise UnsafePlanError(problems)


def _misplaced(plan: MemoryPlan) -> Iterator[str]:
    for buffer in plan.buffers:
        offset = plan.offsets.get(buffer.name)
        if offset is None:
            yield f"{buffer.name} has no place"
        elif offset % buffer.alignment:
            yield f"{buffer.name} is at {offset}, not a multiple of {buffer.alignment}"
        elif offset < 0 or offset + buffer.size_bytes > plan.size_bytes:
            yield f"{buffer.name} ends at {offset + buffer.size_bytes} of {plan.size_bytes} bytes"


def _touching(plan: MemoryPlan) -> Iterator[str]:
    allowed = {(item.below, item.above): item.distance_bytes for item in plan.overlaps}
    for one, other in combinations(plan.buffers, 2):
        step = max(one.first_step, other.first_step)
        if step > min(one.last_step, other.last_step):
            continue
        start, end = plan.offsets[one.name], plan.offsets[one.name] + one.size_bytes
        low, high = plan.offsets[other.name], plan.offsets[other.name] + other.size_bytes
        shared = min(end, high) - max(start, low)
        if shared > 0 and not (
            _runs_behind(plan, one, other, allowed) or _runs_behind(plan, other, one, allowed)
        ):
            yield f"{one.name} and {other.name} share {shared} bytes in step {step}"


def _runs_behind(
    plan: MemoryPlan, below: Buffer, above: Buffer, allowed: dict[tuple[str, str], int]
) -> bool:
    """Whether the overlap of these two, written over a dying input, is one that was allowed."""
    distance = allowed.get((below.name, above.name))
    return (
        distance is not None
        and below.first_step == above.last_step
        and plan.offsets[below.name] + distance <= plan.offsets[above.name]
    )
