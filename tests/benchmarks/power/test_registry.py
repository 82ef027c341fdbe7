"""Drivers of other packages come by entry point; the worked example is in examples/plugin."""

import sys

import pytest

from edgekit.benchmarks.power import MeterError, meter_drivers

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

    def make(name, value):
        (tmp_path / "some_meter.py").write_text(DRIVER)
        info = tmp_path / "some_meter-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: some-meter\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[edgekit.power_meters]\n{name} = {value}\n")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "some_meter", raising=False)

    return make


def test_ours_are_all_there():
    assert list(meter_drivers()) == [
        "rapl", "battery", "hwmon", "pmic", "ina219", "ina226", "ina260", "ppk2", "joulescope",
        "csv",
    ]  # fmt: skip


def test_a_driver_of_another_package_comes_after_ours(install):
    install("mine", "some_meter:Driver")
    assert list(meter_drivers())[-1] == "mine"


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("rapl", "some_meter:Driver", "some-meter takes a name that is taken"),
        ("mine", "some_meter:Missing", "names some_meter:Missing"),
        ("mine", "no_such_module:X", "No module named 'no_such_module'"),
        ("mine", "some_meter:Half", r"has no probe\(\)"),
        ("mine", "some_meter:NoDataclass", "is no dataclass"),
    ],
)
def test_a_driver_that_is_none_is_an_error_with_its_package(install, name, value, why):
    install(name, value)
    with pytest.raises(MeterError, match=why) as caught:
        meter_drivers()
    assert caught.value.hint == "mend the entry point of some-meter, or uninstall it"
