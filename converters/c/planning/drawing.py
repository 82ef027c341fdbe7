"""Draw an arena over time as SVG: every tensor where it lies, the lower bound beside it."""

from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape

from edgekit.converters.c.planning.buffers import Buffer, MemoryPlan
from edgekit.converters.c.planning.instance import make_instance

__all__ = ["memory_map_svg"]

_LEFT: Final = 80
_TOP: Final = 48
_HEIGHT: Final = 360
_STEP_WIDTH: Final = 44
_SMALLEST_WIDTH: Final = 560
_SMALLEST_LABEL: Final = 12
_CHARACTER: Final = 6.5
# Colour-blind safe (Okabe and Ito, "Color Universal Design", 2008), without black and yellow.
_COLOURS: Final = ("#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#0072b2", "#d55e00")


def memory_map_svg(plan: MemoryPlan, steps: Sequence[str] = (), *, title: str = "Arena") -> str:
    """Return a picture of ``plan``: steps from left to right, bytes from the bottom up.

    Tensors are boxes with a tooltip; where an output lies over a dying input, both show through.
    The dashed line is what each step needs at the least, less what overlaps can save in it.

    Args:
        plan: With its buffers.
        steps: A name for each step, for the axis; numbers without.
        title: What the picture is called.
    """
    last = max((buffer.last_step for buffer in plan.buffers), default=0)
    width = max(_SMALLEST_WIDTH, _STEP_WIDTH * (last + 1))
    canvas = _Canvas(plan, last + 1, width)
    state = "optimal" if plan.is_optimal else "not proved to be optimal"
    heading = (
        f"{title}: {plan.size_bytes:,} bytes, lower bound {plan.lower_bound_bytes:,} ({state})"
    )
    total = (_LEFT + width + 20, _TOP + _HEIGHT + (110 if steps else 40))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total[0]} {total[1]}" '
        f'width="{total[0]}" height="{total[1]}" role="img" font-family="sans-serif" '
        'font-size="11">',
        f"<title>{escape(heading)}</title>",
        f'<rect width="{total[0]}" height="{total[1]}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="24" font-size="14">{escape(heading)}</text>',
        *(line for index in range(len(plan.buffers)) for line in canvas.box(index)),
        *canvas.axes(steps),
        canvas.bound(),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


class _Canvas:
    """Places of steps and bytes on the picture."""

    def __init__(self, plan: MemoryPlan, steps: int, width: int) -> None:
        self.plan, self.steps, self.width = plan, steps, width

    def x(self, step: int) -> float:
        return round(_LEFT + self.width * step / self.steps, 1)

    def y(self, offset: int) -> float:
        return round(_TOP + _HEIGHT * (1 - offset / max(1, self.plan.size_bytes)), 1)

    def box(self, index: int) -> Iterator[str]:
        """Yield a buffer's rectangle, and its name, or the end of it, where there is room."""
        buffer = self.plan.buffers[index]
        offset = self.plan.offsets[buffer.name]
        left, right = self.x(buffer.first_step), self.x(buffer.last_step + 1)
        top, bottom = self.y(offset + buffer.size_bytes), self.y(offset)
        yield (
            f'<rect x="{left}" y="{top}" width="{right - left:.1f}" height="{bottom - top:.1f}" '
            f'fill="{_COLOURS[index % len(_COLOURS)]}" fill-opacity="0.6" stroke="#fff">'
            f"<title>{escape(_tooltip(buffer, offset))}</title></rect>"
        )
        room = int((right - left - 6) / _CHARACTER)
        if bottom - top >= _SMALLEST_LABEL and room > 1:
            name = buffer.name if len(buffer.name) <= room else f"…{buffer.name[1 - room :]}"
            yield f'<text x="{left + 3:.1f}" y="{top + 11:.1f}">{escape(name)}</text>'

    def axes(self, steps: Sequence[str]) -> Iterator[str]:
        """Yield the sizes at the left and the steps below."""
        for quarter in range(5):
            size = self.plan.size_bytes * quarter // 4
            place = f'x="{_LEFT - 6}" y="{self.y(size) + 4:.1f}"'
            yield f'<text {place} text-anchor="end">{size:,}</text>'
        base = _TOP + _HEIGHT + 14
        for step in range(self.steps):
            name = steps[step] if step < len(steps) else str(step)
            middle = (self.x(step) + self.x(step + 1)) / 2
            turn = (
                f' text-anchor="end" transform="rotate(-40 {middle:.1f} {base})"' if steps else ""
            )
            yield f'<text x="{middle:.1f}" y="{base}"{turn}>{escape(name)}</text>'

    def bound(self) -> str:
        """Return the line of what each step needs at the least."""
        instance = make_instance(self.plan.buffers, self.plan.overlaps)
        points = []
        for step in range(self.steps):
            alive = [i for i, buffer in enumerate(self.plan.buffers) if buffer.is_alive_at(step)]
            height = self.y(instance.height(alive) * instance.granule_bytes)
            points += [f"{self.x(step)},{height}", f"{self.x(step + 1)},{height}"]
        return (
            f'<polyline points="{" ".join(points)}" fill="none" stroke="#000" '
            'stroke-width="1.5" stroke-dasharray="5 3"><title>lower bound of each step</title>'
            "</polyline>"
        )


def _tooltip(buffer: Buffer, offset: int) -> str:
    return (
        f"{buffer.name}: {buffer.size_bytes:,} bytes at {offset:,}, "
        f"steps {buffer.first_step} to {buffer.last_step}"
    )
