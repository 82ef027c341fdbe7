"""Drivers of other packages come by entry point; the worked example is in examples/plugin."""

import sys

import pytest

from edgekit.benchmarks.power import MeterError, load_driver, meter_names, probe_meters
from edgekit.benchmarks.power.rapl import RaplDriver

DRIVER = '''
from dataclasses import dataclass

@dataclass
class Driver:
    """A meter."""
    def probe(self): ...
    def open(self): ...

class NoDataclass(Driver.__mro__[1]):
    def probe(self): ...
    def open(self): ...

@dataclass
class Half:
    def open(self): ...
'''


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Put a package on the path that names a driver."""

    def make(name, value, package="meter"):
        (tmp_path / "some_meter.py").write_text(DRIVER)
        info = tmp_path / f"some_{package}-1.0.dist-info"
        info.mkdir()
        metadata = f"Metadata-Version: 2.1\nName: some-{package}\nVersion: 1.0\n"
        (info / "METADATA").write_text(metadata)
        (info / "entry_points.txt").write_text(f"[edgekit.power_meters]\n{name} = {value}\n")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "some_meter", raising=False)

    return make


def test_ours_are_all_there():
    assert meter_names() == (
        "rapl", "battery", "hwmon", "pmic", "ina219", "ina226", "ina260", "ppk2", "joulescope",
        "csv",
    )  # fmt: skip
    assert all(hasattr(load_driver(name), "__dataclass_fields__") for name in meter_names())


def test_a_driver_of_another_package_comes_after_ours(install):
    install("mine", "some_meter:Driver")
    assert meter_names()[-1] == "mine"
    assert load_driver("mine").__name__ == "Driver"


def test_another_package_does_not_take_the_place_of_ours(install):
    install("rapl", "some_meter:Driver")
    assert load_driver("rapl") is RaplDriver


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("some_meter:Missing", "some_meter:Missing cannot be loaded"),
        ("no_such_module:X", "No module named 'no_such_module'"),
        ("some_meter:Half", r"has no probe\(\)"),
        ("some_meter:NoDataclass", "is no dataclass"),
    ],
)
def test_a_driver_that_is_none_is_an_error_with_its_package(install, value, why):
    install("mine", value)
    with pytest.raises(MeterError, match=why) as caught:
        load_driver("mine")
    assert caught.value.hint == "mend the entry point of some-meter, or uninstall it"
    assert str(probe_meters()["mine"].status) == "broken"


def test_a_name_that_two_packages_offer_is_an_error(install):
    install("mine", "some_meter:Driver")
    install("mine", "some_meter:Driver", package="other")
    with pytest.raises(MeterError, match="offered by") as caught:
        load_driver("mine")
    assert "some-meter" in caught.value.why
    assert "some-other" in caught.value.why
