"""Sensors as Linux's hwmon shows them."""

from time import perf_counter, sleep

import pytest

from edgekit.benchmarks.power import MeterError, MeterStatus, Quantity
from edgekit.benchmarks.power.hwmon import HwmonDriver

FOLDER = "sys/class/hwmon"


@pytest.fixture
def board(tmp_path, power_stand_ins):
    """A power sensor, a temperature sensor, and one that gives voltage and current."""
    files = {
        "hwmon0/name": "ina226",
        "hwmon0/power1_input": 2_400_000,
        "hwmon0/in1_input": 5000,
        "hwmon0/curr1_input": 480,
        "hwmon1/name": "cpu_thermal",
        "hwmon1/temp1_input": 45_000,
        "hwmon2/name": "ltc2945",
        "hwmon2/in1_input": 12_000,
        "hwmon2/curr1_input": 250,
        "hwmon2/in2_input": 3300,
        "hwmon3/name": "amd_energy",
        "hwmon3/energy1_input": 5_000_000,
    }
    return power_stand_ins.write_tree(tmp_path / FOLDER, files).parents[2]


@pytest.mark.parametrize(
    ("chip", "sensor", "watts", "method"),
    [
        ("ina226", None, 2.4, "power1_input"),
        ("ltc2945", "in1*curr1", 3.0, "in1_input times curr1_input"),
    ],
)
def test_power_in_watts(board, chip, sensor, watts, method):
    meter = HwmonDriver(board, chip=chip, sensor=sensor, rate_hz=100).open()
    meter.start()
    start = perf_counter()
    sleep(0.1)
    end = perf_counter()
    (trace,) = meter.stop().traces
    meter.close()
    assert trace.quantity is Quantity.POWER
    assert trace.energy_j(start, end) == pytest.approx(watts * (end - start))
    assert meter.info.method == method


def test_an_average_serves_where_there_is_no_input(board):
    folder = board / FOLDER / "hwmon0"
    (folder / "power1_input").rename(folder / "power1_average")
    assert HwmonDriver(board, chip="ina226").open().info.method == "power1_average"


def test_an_energy_counter(board, power_stand_ins):
    meter = HwmonDriver(board, chip="amd_energy").open()
    meter.start()
    power_stand_ins.write_tree(board / FOLDER, {"hwmon3/energy1_input": 7_500_000})
    (trace,) = meter.stop().traces
    assert trace.quantity is Quantity.ENERGY
    assert trace.values[-1] - trace.values[0] == pytest.approx(2.5)


def test_several_sensors_have_to_be_named(board):
    with pytest.raises(MeterError, match="3 sensors to choose from") as caught:
        HwmonDriver(board).open()
    assert "ina226/power1, ltc2945/in1*curr1, amd_energy/energy1" in caught.value.why
    state = HwmonDriver(board).probe()
    assert state.status is MeterStatus.READY
    assert "ltc2945/in1*curr1" in state.detail


def test_without_sensors_it_says_so(tmp_path):
    assert HwmonDriver(tmp_path).probe().status is MeterStatus.ABSENT
    with pytest.raises(MeterError, match="on this machine: none"):
        HwmonDriver(tmp_path).open()
