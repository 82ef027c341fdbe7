"""From text to a meter: names, options and their types, and what is there."""

from pathlib import Path

import pytest

from edgekit.benchmarks import InvalidOptionError
from edgekit.benchmarks.power import (
    MeterDriver,
    MeterStatus,
    load_driver,
    meter_from_text,
    meter_names,
    probe_meters,
    summary,
)
from edgekit.benchmarks.power.csv_log import CsvLogDriver
from edgekit.benchmarks.power.ina import Ina219Driver
from edgekit.benchmarks.power.rapl import RaplDriver
from edgekit.errors import UnknownNameError


def test_a_name_alone_takes_the_defaults():
    assert meter_from_text("rapl") == RaplDriver()


def test_options_get_the_types_of_their_fields():
    found = meter_from_text("ina219:bus=3,address=0x45,shunt_ohm=0.05,root=/tmp/r")
    assert found == Ina219Driver(bus=3, address=0x45, shunt_ohm=0.05, root=Path("/tmp/r"))
    found = meter_from_text("csv:path=a.csv,sync=D0,pulse=/p,align=pulse")
    assert found == CsvLogDriver(Path("a.csv"), sync="D0", pulse=Path("/p"), align="pulse")


def test_an_unknown_meter_names_the_nearest():
    with pytest.raises(UnknownNameError, match="unknown power meter 'rapel'") as caught:
        meter_from_text("rapel:rate_hz=1")
    assert caught.value.near == ("rapl",)


def test_an_unknown_option_names_the_nearest():
    with pytest.raises(UnknownNameError, match="option of the power meter 'rapl' 'rate'") as caught:
        meter_from_text("rapl:rate=5")
    assert caught.value.near[0] == "rate_hz"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("rapl:rate_hz=fast", "rapl:rate_hz is 'fast'"),
        ("rapl:rate_hz", "written as rate_hz=VALUE"),
        ("ina219:bus=1.5", "ina219:bus is '1.5'"),
        ("csv", "the power meter 'csv' is 'csv'"),
        ("ppk2:mode=watt", "ppk2:mode is 'watt'"),
    ],
)
def test_values_that_cannot_be_read(text, why):
    with pytest.raises(InvalidOptionError) as caught:
        meter_from_text(text)
    assert why in str(caught.value)


def test_every_driver_keeps_the_protocol_and_explains_its_options():
    for name in meter_names():
        driver = load_driver(name)
        made = driver(path=Path("x")) if name == "csv" else driver()
        assert isinstance(made, MeterDriver)
        for field in driver.__dataclass_fields__:
            assert f"{field}: " in driver.__doc__, f"{name}: {field}"
        assert summary(driver).endswith((".", "discharges.", "vcgencmd.")), name


def test_meters_are_looked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    found = probe_meters()
    assert set(found) == set(meter_names()) - {"csv"}
    assert found["pmic"].status is MeterStatus.ABSENT
    assert found["pmic"].to_json() == {
        "status": "absent",
        "detail": "no vcgencmd: this is no Raspberry Pi",
        "command": None,
    }
