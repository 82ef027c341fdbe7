"""Read the equations of Einsum."""

import re
from collections.abc import Sequence

__all__ = ["Labels", "parse_equation"]

Labels = tuple[str, ...]
"""The name of each axis; those that an ellipsis stands for are ``.0``, ``.1``, ... from behind."""


def parse_equation(equation: str, ranks: Sequence[int]) -> tuple[tuple[Labels, ...], Labels]:
    """Return the labels of each operand and of the result.

    Args:
        equation: As in ``numpy.einsum``; without ``->``, the result has the labels that occur
            once, in alphabetical order behind the ellipsis.
        ranks: Number of axes of each operand.
    """
    left, arrow, right = equation.replace(" ", "").partition("->")
    parts = left.split(",")
    dots = [rank - len(part.replace("...", "")) for part, rank in zip(parts, ranks, strict=True)]
    widest = max((count for part, count in zip(parts, dots, strict=True) if "." in part), default=0)
    operands = tuple(_labels(part, count) for part, count in zip(parts, dots, strict=True))
    if arrow:
        return operands, _labels(right, widest)
    once = "".join(sorted(x for x in set(left) - set(".,") if left.count(x) == 1))
    return operands, _labels("..." + once, widest)


def _labels(part: str, dots: int) -> Labels:
    found: list[str] = []
    for item in re.findall(r"\.\.\.|.", part):
        if item == "...":
            found += [f".{number}" for number in reversed(range(dots))]
        else:
            found.append(item)
    return tuple(found)
