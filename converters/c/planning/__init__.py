"""Where each tensor lies in the one static arena: planned when the code is generated."""

from collections.abc import Sequence

from edgekit.converters.c.planning.buffers import Buffer, MemoryPlan, Overlap

__all__ = ["Buffer", "MemoryPlan", "Overlap", "plan_memory"]


def plan_memory(buffers: Sequence[Buffer], overlaps: Sequence[Overlap] = ()) -> MemoryPlan:
    """Place buffers, the largest first, each as low as those placed before allow."""
    placed: dict[Buffer, int] = {}
    for buffer in sorted(buffers, key=lambda item: (-item.size_bytes, item.name)):
        offset = 0
        for other, start in sorted(placed.items(), key=lambda item: item[1]):
            meets = buffer.first_step <= other.last_step and other.first_step <= buffer.last_step
            if meets and offset + buffer.size_bytes > start:
                end = start + other.size_bytes
                offset = max(offset, -(-end // buffer.alignment) * buffer.alignment)
        placed[buffer] = offset
    steps = range(max((item.last_step for item in buffers), default=0) + 1)
    bound = max(sum(b.size_bytes for b in buffers if b.is_alive_at(step)) for step in steps)
    size = max((start + item.size_bytes for item, start in placed.items()), default=0)
    return MemoryPlan(
        offsets={item.name: start for item, start in placed.items()},
        size_bytes=size,
        lower_bound_bytes=bound,
        is_optimal=size <= bound,
        method="greedy, by size",
        buffers=tuple(buffers),
        overlaps=tuple(overlaps),
    )
