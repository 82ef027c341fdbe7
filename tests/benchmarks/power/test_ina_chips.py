"""The arithmetic of the chips, held against the examples of their datasheets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.benchmarks import InvalidOptionError
from edgekit.benchmarks.power.ina_chips import INA219, INA226, INA260, calibrate, ina219_gain


def test_the_example_of_the_ina226():
    """SBOS547, section "Programming": 2 mOhm, 15 A, a step of 1 mA gives 2560."""
    made = calibrate(INA226, 0.002, 32.768)
    assert (made.register, made.current_lsb_a) == (2560, pytest.approx(1e-3))


def test_the_usual_breakout_board_of_the_ina219():
    """0.1 Ohm and 3.2 A: a step of about 0.1 mA, so about 0.04096 / (1e-4 * 0.1) = 4096."""
    made = calibrate(INA219, 0.1, 3.2)
    assert made.register == 4194
    assert made.current_lsb_a == pytest.approx(0.04096 / (4194 * 0.1))


def test_the_ina260_needs_none():
    assert calibrate(INA260, 0, 0).current_lsb_a == 1.25e-3


@pytest.mark.parametrize(
    ("amperes", "bits", "steps"),
    [(0.4, 0, 4000), (0.8, 0x0800, 8000), (1.6, 0x1000, 16000), (3.2, 0x1800, 32000)],
)
def test_the_smallest_range_that_holds_the_current(amperes, bits, steps):
    assert ina219_gain(0.1, amperes) == (bits, steps)


@given(st.floats(1e-3, 1.0), st.floats(0.05, 1.0), st.sampled_from([INA219, INA226]))
def test_the_largest_current_fits_the_register(shunt_ohm, share, chip):
    largest = (0.32 if chip is INA219 else 0.08192) / shunt_ohm * share
    made = calibrate(chip, shunt_ohm, largest)
    assert 0 < made.register <= chip.calibration_mask
    assert not made.register & ~chip.calibration_mask
    assert largest / made.current_lsb_a <= 2**15 * (1 + 1e-9)


@pytest.mark.parametrize(
    ("chip", "shunt_ohm", "amperes", "why"),
    [
        (INA219, 0.1, 4.0, "max_a is 4.0"),
        (INA226, 0.1, 1.0, "max_a is 1.0"),
        (INA226, 0.0, 1.0, "shunt_ohm, max_a"),
        (INA219, 0.1, -1.0, "shunt_ohm, max_a"),
    ],
)
def test_a_shunt_and_a_current_that_do_not_go_together(chip, shunt_ohm, amperes, why):
    with pytest.raises(InvalidOptionError, match=why):
        calibrate(chip, shunt_ohm, amperes)
