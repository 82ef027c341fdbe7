"""The conversion of samples, held against the package ppk2-api, sample by sample."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ppk2_api.ppk2_api import PPK2_API

from edgekit.benchmarks.power.ppk2_samples import Ppk2Calibration, amperes, full_scale, numbers


@pytest.fixture(scope="module")
def reference(power_stand_ins):
    """Make a PPK2_API that knows the stand-in's calibration, and has no filter state."""

    def make():
        with power_stand_ins.Ppk2Device(lambda _: (0, 0)) as device:
            api = PPK2_API(device.port)
            assert api._parse_metadata(device.METADATA)
            api.ser.close()
        api.current_vdd = 3300
        return api

    return make


def ours(api, words):
    return amperes(words, Ppk2Calibration.of(api.modifiers, api.adc_mult), api.current_vdd)


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_any_samples_convert_as_in_ppk2_api(reference, seed, steadiness):
    generator = np.random.default_rng(seed)
    switches = generator.random(400) > steadiness
    ranges = np.maximum.accumulate(np.where(switches, np.arange(400), 0))
    kinds = generator.integers(0, 8, 400)[ranges]
    words = (generator.integers(0, 2**14, 400) | kinds << 14).astype(np.uint32)
    api = reference()
    expected, _ = api.get_samples(words.astype("<u4").tobytes())
    assert ours(api, words) * 1e6 == pytest.approx(np.array(expected), rel=1e-9, abs=1e-9)


def test_no_samples_are_no_amperes(reference):
    assert ours(reference(), np.zeros(0, np.uint32)).size == 0


@given(st.lists(st.integers(1, 64), max_size=100), st.integers(0, 63))
def test_lost_samples_leave_their_numbers_out(steps, first):
    true = np.concatenate(([0], np.cumsum(steps, dtype=int)))
    words = (((first + true) % 64) << 18).astype(np.uint32)
    assert numbers(words).tolist() == true.tolist()


def test_full_scale_is_the_end_of_the_highest_range():
    words = np.array([0x3FFF | 4 << 14, 0x3FFE | 4 << 14, 0x3FFF | 3 << 14], np.uint32)
    assert full_scale(words).tolist() == [True, False, False]
