"""What options of every kind of run must fulfil, said in one place."""

import math
from collections.abc import Sequence

from edgekit.benchmarks.errors import InvalidOptionError

__all__ = ["require_least", "require_processors", "require_seconds"]


def require_seconds(options: object, *names: str, above_zero: bool = False) -> None:
    """Refuse durations that are not finite, negative, or zero where that makes no sense.

    Raises:
        InvalidOptionError: With the name of the attribute.
    """
    allowed = "a number of seconds above 0" if above_zero else "a number of seconds, 0 or more"
    for name in names:
        seconds = getattr(options, name)
        if not math.isfinite(seconds) or seconds < 0 or (above_zero and seconds == 0):
            raise InvalidOptionError(name, seconds, allowed)


def require_least(options: object, **least: int) -> None:
    """Refuse numbers below a least one.

    Raises:
        InvalidOptionError: With the name of the attribute.
    """
    for name, smallest in least.items():
        if getattr(options, name) < smallest:
            raise InvalidOptionError(name, getattr(options, name), f"{smallest} or more")


def require_processors(pin: Sequence[int]) -> None:
    """Refuse processors that are named twice, or by a negative number.

    Raises:
        InvalidOptionError: They are.
    """
    if any(cpu < 0 for cpu in pin) or len(set(pin)) != len(pin):
        raise InvalidOptionError("pin", list(pin), "different numbers, 0 or more")
