"""Where each tensor lies in the one static arena: planned when the code is generated."""

from edgekit.converters.c.planning.buffers import Buffer, MemoryPlan, Overlap
from edgekit.converters.c.planning.checking import check_plan
from edgekit.converters.c.planning.drawing import memory_map_svg
from edgekit.converters.c.planning.errors import PlanningError, UnsafePlanError
from edgekit.converters.c.planning.planner import plan_memory

__all__ = [
    "Buffer",
    "MemoryPlan",
    "Overlap",
    "PlanningError",
    "UnsafePlanError",
    "check_plan",
    "memory_map_svg",
    "plan_memory",
]
