"""Counter readings to instructions, against a simulated counter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.benchmarks.emulator import core_names, load_core
from edgekit.benchmarks.emulator.counting import Moment, count_instructions
from edgekit.benchmarks.emulator.firmware import ICOUNT_SHIFT
from edgekit.benchmarks.emulator.machine import CounterCarry

MACHINES = {load_core(name).machine.name: load_core(name).machine for name in core_names()}


def reading(machine, instructions):
    """Return what the counter shows after so many instructions."""
    nanoseconds = instructions << ICOUNT_SHIFT
    ticks = nanoseconds * machine.counter_hz // 10**9
    if machine.counter_carry is CounterCarry.WORDS:
        return Moment(ticks % 2**32, ticks >> 32)
    return Moment(ticks % 2**32, nanoseconds // 10**9)


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
@given(start=st.integers(0, 10**12), steps=st.lists(st.integers(0, 10**11), min_size=1, max_size=5))
def test_it_is_exact_wherever_the_counter_stands(machine, start, steps):
    times = [start]
    for step in steps:
        times.append(times[-1] + step)
    moments = [reading(machine, time) for time in times]
    assert count_instructions(machine, ICOUNT_SHIFT, moments) == tuple(steps)


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_an_instruction_is_more_than_two_ticks(machine):
    assert (1 << ICOUNT_SHIFT) * machine.counter_hz > 2 * 10**9


def test_no_moments_make_no_counts():
    machine = load_core("cortex-m4").machine
    assert count_instructions(machine, ICOUNT_SHIFT, []) == ()
