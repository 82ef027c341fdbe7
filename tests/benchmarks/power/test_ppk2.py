"""A PPK2 at the end of a pseudo-terminal, spoken to by ppk2-api itself."""

import os
from pathlib import Path
from time import perf_counter, sleep

import numpy as np
import pytest

from edgekit.benchmarks import InvalidOptionError
from edgekit.benchmarks.power import MeterError, MeterPermissionError, MeterStatus
from edgekit.benchmarks.power.ppk2 import Ppk2Driver
from edgekit.benchmarks.power.ppk2_samples import Ppk2Calibration, amperes

IDLE, ACTIVE = (1, 5000), (3, 4000)


def record(device, seconds=0.5, **options):
    meter = Ppk2Driver(port=device.port, **options).open()
    meter.start()
    sleep(0.1)
    start = perf_counter()
    sleep(seconds)
    end = perf_counter()
    sleep(0.3)
    recording = meter.stop()
    meter.close()
    return recording, start, end


def watts(kind, adc, millivolts):
    """By the formula of Nordic's application, with the stand-in's coefficients of that range."""
    r, gs, gi, o, s, i = {
        1: (101.4862, 0.9924, 0.9993, 119.25, 0.000000596, -0.000001443),
        3: (0.9556, 0.9985, 0.9987, 65.75, 0.000062577, -0.000374119),
    }[kind]
    plain = (adc * 4 - o) * (1.8 / 163840 / r)
    current = plain * (gs * plain + gi) + (s * millivolts / 1000 + i)
    return current * millivolts / 1000


def test_energy_is_within_one_percent(power_stand_ins):
    with power_stand_ins.Ppk2Device(lambda _: ACTIVE) as device:
        recording, start, end = record(device)
    (trace,) = recording.traces
    true = watts(*ACTIVE, 3300) * (end - start)
    assert trace.energy_j(start, end) == pytest.approx(true, rel=0.01)
    assert recording.gaps == recording.saturated_at_s == recording.notes == ()


def test_a_load_that_comes_and_goes(power_stand_ins):
    """Square wave of 20 ms, over whole periods: the mean of both levels."""
    with power_stand_ins.Ppk2Device(lambda n: ACTIVE if n // 1000 % 2 else IDLE) as device:
        recording, start, end = record(device)
    (trace,) = recording.traces
    periods = np.floor((end - start) / 0.02) * 0.02
    true = (watts(*ACTIVE, 3300) + watts(*IDLE, 3300)) / 2 * periods
    assert trace.energy_j(start, start + periods) == pytest.approx(true, rel=0.01)


def test_as_a_source_it_is_told_the_voltage_and_to_supply(power_stand_ins):
    with power_stand_ins.Ppk2Device(lambda _: ACTIVE) as device:
        record(device, 0.05, voltage_mv=1800)
    # 0x11 2: source; 0x0d: 800 mV are [3, 32], and a step of the low byte is 1 mV.
    assert device.commands[1:5] == [b"\x19", b"\x11\x02", b"\x0d\x07\x08", b"\x0c\x01"]
    assert device.commands[-2:] == [b"\x06", b"\x07"]


def test_as_an_ampere_meter_it_supplies_nothing(power_stand_ins):
    with power_stand_ins.Ppk2Device(lambda _: ACTIVE) as device:
        recording, start, end = record(device, 0.2, mode="ampere", voltage_mv=5000)
    assert b"\x11\x01" in device.commands
    assert not any(command[0] == 0x0C for command in device.commands)
    true = watts(*ACTIVE, 5000) * (end - start)
    assert recording.traces[0].energy_j(start, end) == pytest.approx(true, rel=0.01)


def test_lost_samples_are_gaps_and_do_not_shift_the_rest(power_stand_ins):
    lost = frozenset([*range(20_000, 20_040), 30_001])
    with power_stand_ins.Ppk2Device(lambda _: ACTIVE, lose=lost) as device:
        recording, start, end = record(device)
    first, second = recording.gaps
    assert first.end_s - first.start_s == pytest.approx(41 / 100_000)
    assert second.end_s - second.start_s == pytest.approx(2 / 100_000)
    assert "41 of " in recording.notes[0]
    true = watts(*ACTIVE, 3300) * (end - start)
    assert recording.traces[0].energy_j(start, end) == pytest.approx(true, rel=0.01)


def test_a_loss_that_the_counter_cannot_show_is_refused(power_stand_ins):
    lost = frozenset(number for number in range(200_000) if number // 6400 % 2)
    with (
        power_stand_ins.Ppk2Device(lambda _: ACTIVE, lose=lost) as device,
        pytest.raises(MeterError, match="missing without a gap in their numbers"),
    ):
        record(device)


def test_the_end_of_the_highest_range_is_saturation(power_stand_ins):
    with power_stand_ins.Ppk2Device(lambda _: (4, 0x3FFF)) as device:
        recording, _, _ = record(device, 0.05)
    assert len(recording.saturated_at_s) == recording.traces[0].times_s.size


def test_a_device_that_sends_nothing_is_an_error(power_stand_ins):
    with power_stand_ins.Ppk2Device(lambda _: ACTIVE, lose=range(10**9)) as device:
        meter = Ppk2Driver(port=device.port).open()
        with pytest.raises(MeterError, match="sends no samples"):
            meter.start()
        meter.close()


def test_a_device_that_is_unplugged_is_an_error(power_stand_ins):
    with power_stand_ins.Ppk2Device(lambda _: ACTIVE) as device:
        meter = Ppk2Driver(port=device.port).open()
        meter.start()
    with pytest.raises(MeterError, match="it stopped to answer"):
        meter.stop()
    meter.close()


def test_none_on_usb_is_an_error():
    """Asked of pyserial itself: no PPK2 is plugged into what runs the tests."""
    with pytest.raises(MeterError, match="there is none on USB") as caught:
        Ppk2Driver().open()
    assert "port=" in caught.value.hint


def test_something_else_at_the_port_is_refused(power_stand_ins):
    device = power_stand_ins.Ppk2Device(lambda _: ACTIVE)
    with pytest.raises(MeterError, match="does not tell its calibration") as caught:
        Ppk2Driver(port=device.port).open()
    assert "two ports" in caught.value.hint
    with device:
        pass


def test_a_port_that_is_not_there(tmp_path):
    with pytest.raises(MeterError, match="cannot open"):
        Ppk2Driver(port=str(tmp_path / "ttyACM0")).open()


@pytest.mark.parametrize("options", [{"mode": "watt"}, {"voltage_mv": 700}, {"voltage_mv": 5001}])
def test_options_out_of_range(options):
    with pytest.raises(InvalidOptionError, match="ppk2:"):
        Ppk2Driver(**options)


def test_it_is_looked_for_on_usb(tmp_path, power_stand_ins):
    assert Ppk2Driver(root=tmp_path).probe().status is MeterStatus.ABSENT
    files = {
        "sys/bus/usb/devices/1-2/idVendor": "1915",
        "sys/bus/usb/devices/1-2/idProduct": "c00a",
        "sys/bus/usb/devices/1-2/1-2:1.1/tty/ttyACM0/dev": "166:0",
        "sys/bus/usb/devices/1-3/idVendor": "046d",
        "sys/bus/usb/devices/1-3/idProduct": "c00a",
        "dev/ttyACM0": "",
    }
    power_stand_ins.write_tree(tmp_path, files)
    state = Ppk2Driver(root=tmp_path).probe()
    assert (state.status, state.detail) == (MeterStatus.READY, "1915:c00a at 1-2")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody without permission")
def test_a_user_without_permission_gets_the_command(power_stand_ins):
    with power_stand_ins.Ppk2Device(lambda _: ACTIVE) as device:
        Path(device.port).chmod(0o600)
        with power_stand_ins.as_nobody(), pytest.raises(MeterPermissionError) as caught:
            Ppk2Driver(port=device.port).open()
    assert caught.value.command == 'sudo usermod -aG dialout "$USER"'
    assert "log in again" in caught.value.hint


def test_the_formula_of_this_test_is_that_of_the_driver(power_stand_ins):
    with power_stand_ins.Ppk2Device(lambda _: ACTIVE) as device:
        meter = Ppk2Driver(port=device.port).open()
        calibration: Ppk2Calibration = meter._calibration
        meter.close()
    for kind, adc in (IDLE, ACTIVE):
        words = np.array([adc | kind << 14], np.uint32)
        assert amperes(words, calibration, 3300)[0] * 3.3 == pytest.approx(watts(kind, adc, 3300))
