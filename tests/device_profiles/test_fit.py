"""The fit check: which memory a model lives in, margins and verdicts."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.device_profiles import DeviceKind, FitVerdict, Sourced, fit, load_profile
from edgekit.errors import EdgekitError

MCU = load_profile("nucleo-l4r5zi")
PHONE = load_profile("pixel-8")


def test_microcontroller() -> None:
    report = fit(MCU, model_bytes=53_936, activation_bytes=22_820)
    assert report.flash is not None
    assert (report.flash.needed_bytes, report.ram.needed_bytes) == (53_936, 22_820)
    assert report.flash.margin_bytes == 2 * 1024 * 1024 - 53_936
    assert report.ram.margin_bytes == 640 * 1024 - 22_820
    assert report.ram.available == MCU.ram_bytes
    assert report.verdict is FitVerdict.FITS
    assert report.device == "nucleo-l4r5zi"
    assert {report.ram.provenance, report.flash.provenance} == {"estimated"}
    assert "without" in report.ram.method


@pytest.mark.parametrize("kind", [DeviceKind.PHONE, DeviceKind.LINUX])
def test_main_memory_holds_model_and_activations(kind: DeviceKind) -> None:
    profile = dataclasses.replace(PHONE, kind=kind)
    report = fit(profile, model_bytes=100, activation_bytes=11)
    assert (report.ram.needed_bytes, report.flash) == (111, None)
    assert report.verdict is FitVerdict.FITS


def test_the_worst_memory_decides() -> None:
    unknown = dataclasses.replace(MCU, flash_bytes=None)
    report = fit(unknown, model_bytes=1, activation_bytes=1)
    assert report.flash is not None
    assert report.flash.margin_bytes is None
    assert report.flash.verdict is FitVerdict.UNKNOWN
    assert report.ram.verdict is FitVerdict.FITS
    assert report.verdict is FitVerdict.UNKNOWN
    full = fit(unknown, model_bytes=1, activation_bytes=10**9)
    assert full.verdict is FitVerdict.DOES_NOT_FIT


@given(available=st.integers(1, 2**40), needed=st.integers(0, 2**40))
def test_fits_up_to_the_last_byte(available: int, needed: int) -> None:
    profile = dataclasses.replace(MCU, ram_bytes=Sourced(available, "test"))
    ram = fit(profile, model_bytes=0, activation_bytes=needed).ram
    assert ram.margin_bytes == available - needed
    assert (ram.verdict is FitVerdict.FITS) == (needed <= available)


@pytest.mark.parametrize("sizes", [(-1, 0), (0, -1)])
def test_negative_size(sizes: tuple[int, int]) -> None:
    with pytest.raises(EdgekitError, match="is -1; a size is not negative"):
        fit(MCU, model_bytes=sizes[0], activation_bytes=sizes[1])
