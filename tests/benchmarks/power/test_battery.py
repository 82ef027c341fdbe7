"""A battery's gauge, as a laptop's sysfs shows it."""

from time import perf_counter, sleep

import pytest

from edgekit.benchmarks.power import MeterError, MeterStatus
from edgekit.benchmarks.power.battery import BatteryDriver

FOLDER = "sys/class/power_supply"


@pytest.fixture
def laptop(tmp_path, power_stand_ins):
    """One battery that tells its power, discharging at 7.5 W, and a charger."""
    files = {
        f"{FOLDER}/AC/type": "Mains",
        f"{FOLDER}/BAT0/type": "Battery",
        f"{FOLDER}/BAT0/status": "Discharging",
        f"{FOLDER}/BAT0/power_now": 7_500_000,
    }
    return power_stand_ins.write_tree(tmp_path, files)


def record(driver, seconds=0.2):
    meter = driver.open()
    meter.start()
    start = perf_counter()
    sleep(seconds)
    end = perf_counter()
    recording = meter.stop()
    meter.close()
    return recording, start, end


def test_power_now_is_in_microwatts(laptop):
    recording, start, end = record(BatteryDriver(laptop, rate_hz=50))
    (trace,) = recording.traces
    assert trace.channel == "BAT0"
    assert trace.energy_j(start, end) == pytest.approx(7.5 * (end - start))
    assert recording.notes == ("the gauge brought 1 values in 0 s",)
    assert trace.times_s.size == 2


@pytest.mark.parametrize("microamperes", [1_500_000, -1_500_000])
def test_else_current_times_voltage_whatever_the_sign(laptop, power_stand_ins, microamperes):
    (laptop / FOLDER / "BAT0/power_now").unlink()
    files = {"current_now": microamperes, "voltage_now": 11_400_000}
    power_stand_ins.write_tree(laptop / FOLDER / "BAT0", files)
    recording, start, end = record(BatteryDriver(laptop, rate_hz=50))
    assert recording.traces[0].energy_j(start, end) == pytest.approx(17.1 * (end - start))


def test_asking_often_makes_no_more_samples(laptop, power_stand_ins):
    meter = BatteryDriver(laptop, rate_hz=200).open()
    meter.start()
    for watts in (9, 6):
        sleep(0.3)
        power_stand_ins.write_tree(laptop, {f"{FOLDER}/BAT0/power_now": watts * 1_000_000})
    sleep(0.3)
    (trace,) = meter.stop().traces
    meter.close()
    assert trace.values.tolist() == [7.5, 7.5, 9, 9, 6, 6]


def test_it_is_refused_while_a_charger_is_connected(laptop, power_stand_ins):
    power_stand_ins.write_tree(laptop, {f"{FOLDER}/BAT0/status": "Charging"})
    assert BatteryDriver(laptop).probe().status is MeterStatus.ABSENT
    with pytest.raises(MeterError, match="'Charging'") as caught:
        BatteryDriver(laptop).open()
    assert "unplug" in caught.value.hint


def test_a_charger_that_is_connected_meanwhile_spoils_it(laptop, power_stand_ins):
    meter = BatteryDriver(laptop, rate_hz=100).open()
    meter.start()
    power_stand_ins.write_tree(laptop, {f"{FOLDER}/BAT0/status": "Not charging"})
    sleep(0.05)
    with pytest.raises(MeterError, match="'Not charging'"):
        meter.stop()


def test_several_batteries_have_to_be_named(laptop, power_stand_ins):
    files = {"type": "Battery", "status": "Discharging", "power_now": 1_000_000}
    power_stand_ins.write_tree(laptop / FOLDER / "BAT1", files)
    with pytest.raises(MeterError, match="2 batteries to choose from"):
        BatteryDriver(laptop).open()
    assert BatteryDriver(laptop, name="BAT1").open().info.device == "BAT1"


def test_without_a_battery_it_says_so(tmp_path):
    assert BatteryDriver(tmp_path).probe().status is MeterStatus.ABSENT
    with pytest.raises(MeterError, match="on this machine: none"):
        BatteryDriver(tmp_path).open()


def test_what_is_found_is_named(laptop):
    state = BatteryDriver(laptop).probe()
    assert (state.status, state.detail) == (MeterStatus.READY, "BAT0")
