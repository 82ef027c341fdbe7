"""Estimates follow from the profile alone, carry intervals, and are left out where it is silent."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.benchmarks import Provenance
from edgekit.benchmarks.emulator import estimate
from edgekit.device_profiles import load_profile

BOARD = load_profile("nucleo-l4r5zi")


@given(count=st.integers(1, 10**11))
def test_latency_and_energy_of_the_profile(count):
    made = estimate(BOARD, count)
    cycles = BOARD.cycles_per_instruction.value
    assert made.latency.value == pytest.approx(count * cycles.typical / 120)  # us at 120 MHz
    assert made.latency.interval == pytest.approx(
        (count * cycles.low / 120, count * cycles.high / 120)
    )
    assert made.energy.value == pytest.approx(made.latency.value * 40.7e-3)
    low, high = made.energy.interval
    assert low == pytest.approx(made.latency.interval[0] * 40.7e-3 * 0.8)
    assert high == pytest.approx(made.latency.interval[1] * 40.7e-3 * 1.2)
    assert {made.latency.provenance, made.energy.provenance} == {Provenance.ESTIMATED}
    assert made.gaps == ()


# Published on the device of the profile, with the instructions of the same kernels.
@pytest.mark.parametrize(
    ("instructions", "latency_us", "energy_uj"),
    [(7_844_150, 82_000.8, 3454.8), (29_873_605, 298_685.8, 12_684.3), (582_281, 8072.7, 334.5)],
)
def test_published_figures_lie_in_the_intervals(instructions, latency_us, energy_uj):
    made = estimate(BOARD, instructions)
    assert made.latency.interval[0] <= latency_us <= made.latency.interval[1]
    assert made.energy.interval[0] <= energy_uj <= made.energy.interval[1]


def test_without_a_coefficient_there_is_no_latency():
    made = estimate(load_profile("raspberry-pi-pico"), 1000)
    assert (made.latency, made.energy) == (None, None)
    assert "raspberry-pi-pico has no cycles_per_instruction" in made.gaps[0]


def test_without_power_there_is_no_energy():
    made = estimate(dataclasses.replace(BOARD, active_power_mw=None), 1000)
    assert made.latency is not None
    assert made.energy is None
    assert "no active_power_mw" in made.gaps[0]
