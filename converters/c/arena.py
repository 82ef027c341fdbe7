"""Which tensors and scratch the arena holds, when each is alive, and what may overlap."""

from dataclasses import dataclass

from edgekit.converters.c.library import ARENA_ALIGNMENT
from edgekit.converters.c.planning import Buffer, MemoryPlan, Overlap, plan_memory
from edgekit.converters.c.program import PlannedStep, Program

__all__ = ["Arena", "plan_arena"]


@dataclass(frozen=True, slots=True)
class Arena:
    """Where everything lies.

    Attributes:
        program: What works in it.
        plan: Offsets by the names of the buffers.
    """

    program: Program
    plan: MemoryPlan

    @property
    def size_bytes(self) -> int:
        """Its size, at least one byte, rounded up to its alignment."""
        return -(-max(self.plan.size_bytes, 1) // ARENA_ALIGNMENT) * ARENA_ALIGNMENT

    def offset(self, tensor: int) -> int:
        """Return where a tensor lies, in bytes."""
        root = self.plan.offsets[_buffer_name(self.program, self.program.root(tensor))]
        return root + self.program.offset_in_root(tensor)

    def scratch_offset(self, step: PlannedStep) -> int:
        """Return where a step's scratch lies, in bytes."""
        return self.plan.offsets[_scratch_name(step)]


def plan_arena(program: Program) -> Arena:
    """Return where the tensors of a program lie, in as little memory as the planner finds."""
    first, last = _lifetimes(program)
    tensors = program.subgraph.tensors
    buffers = [
        Buffer(
            name=_buffer_name(program, index),
            size_bytes=tensors[index].size_bytes,
            first_step=first[index],
            last_step=last[index],
        )
        for index in first
    ]
    overlaps = []
    for number, item in enumerate(program.steps):
        if item.step.scratch_bytes:
            buffers.append(Buffer(_scratch_name(item), item.step.scratch_bytes, number, number))
        overlaps.extend(_overlaps(program, item, number, last))
    return Arena(program, plan_memory(buffers, overlaps))


def _lifetimes(program: Program) -> tuple[dict[int, int], dict[int, int]]:
    """Return the first and last step of every tensor in the arena.

    The caller writes inputs before the first step and reads outputs after the last; variables
    keep their values from one invocation to the next.
    """
    main, end = program.subgraph, len(program.steps)
    first, last = dict[int, int](), dict[int, int]()

    def live(index: int, step: int) -> None:
        root = program.root(index)
        if not main.tensors[root].is_constant:
            first.setdefault(root, step)
            last[root] = max(last.get(root, step), step)

    for tensor in program.variables:
        live(tensor.index, 0)
        live(tensor.index, end)
    for index in main.inputs:
        live(index, 0)
    for number, item in enumerate(program.steps):
        for index in (*item.reads, *item.writes):
            live(index, number)
    for index in main.outputs:
        live(index, end)
    return first, last


def _overlaps(
    program: Program, item: PlannedStep, number: int, last: dict[int, int]
) -> list[Overlap]:
    """Return which outputs of a step may run behind which inputs that end with it."""
    views = program.schedule.views
    if any(index in views for index in (*item.reads, *item.writes)):
        return []  # distances are from the start of whole tensors
    reads = [program.root(index) for index in item.reads]
    found = []
    for follow in item.step.follows:
        above = reads[follow.input]
        below = program.root(item.writes[follow.output])
        if last.get(above) == number and reads.count(above) == 1:
            names = _buffer_name(program, below), _buffer_name(program, above)
            found.append(Overlap(*names, follow.distance_bytes))
    return found


def _buffer_name(program: Program, index: int) -> str:
    return f"{program.subgraph.tensors[index].name} #{index}"


def _scratch_name(item: PlannedStep) -> str:
    return f"scratch of {item.name}"
