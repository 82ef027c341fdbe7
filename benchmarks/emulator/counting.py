"""Turns what a counter of an emulated machine showed into numbers of instructions."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from edgekit.benchmarks.emulator.machine import CounterCarry, Machine

__all__ = ["Moment", "count_instructions"]

_WORD = 2**32


@dataclass(frozen=True, slots=True)
class Moment:
    """A reading of the counter: 32 bits that go round, and what tells how often they did."""

    fine: int
    coarse: int


def count_instructions(machine: Machine, shift: int, moments: Sequence[Moment]) -> tuple[int, ...]:
    """Return the instructions between each two readings that follow each other.

    Under ``-icount shift=N`` an instruction takes 2^N ns of virtual time. Where that is more
    than two ticks of the counter, a difference of two readings is less than half an instruction
    off, and rounding makes it exact.

    Args:
        machine: Whose counter it is.
        shift: The N.
        moments: At least two.
    """
    per_instruction = machine.counter_hz << shift
    ticks = [_ticks(machine, before, after) for before, after in pairwise(moments)]
    return tuple((2 * count * 10**9 + per_instruction) // (2 * per_instruction) for count in ticks)


def _ticks(machine: Machine, before: Moment, after: Moment) -> int:
    if machine.counter_carry is CounterCarry.WORDS:
        return (after.coarse - before.coarse) * _WORD + after.fine - before.fine
    # The fine part says it exactly but for whole rounds; the seconds say which round it is.
    exact = (after.fine - before.fine) % _WORD
    about = (after.coarse - before.coarse) * machine.counter_hz
    return exact + max(0, round((about - exact) / _WORD)) * _WORD
