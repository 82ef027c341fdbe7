"""A Joulescope behind the interface of its own driver package.

The package speaks to USB in C, so nothing below its publish and subscribe interface can be stood
in for; that it finds no instrument here is asked of the package itself.
"""

from time import perf_counter, sleep

import pytest

from edgekit.benchmarks import InvalidOptionError
from edgekit.benchmarks.power import MeterError, MeterPermissionError, MeterStatus
from edgekit.benchmarks.power.joulescope import JoulescopeDriver, JoulescopeMeter, _choose


def record(broker, seconds=0.4):
    meter = JoulescopeMeter(broker, broker.device, 100)
    meter.start()
    sleep(0.2)
    start = perf_counter()
    sleep(seconds)
    end = perf_counter()
    sleep(0.3)
    recording = meter.stop()
    meter.close()
    return recording, start, end


def test_energy_is_what_the_instrument_added_up(power_stand_ins):
    broker = power_stand_ins.JoulescopeBroker(lambda _: 0.75)
    recording, start, end = record(broker)
    (trace,) = recording.traces
    assert trace.energy_j(start, end) == pytest.approx(0.75 * (end - start), rel=0.01)
    assert recording.gaps == recording.saturated_at_s == ()


def test_it_is_configured_and_let_go_of(power_stand_ins):
    broker = power_stand_ins.JoulescopeBroker(lambda _: 0.5)
    record(broker, 0.05)
    path = broker.device
    assert broker.published[:3] == [
        (f"{path}/s/i/range/mode", "auto"),
        (f"{path}/s/stats/scnt", 10_000),
        (f"{path}/s/stats/ctrl", 1),
    ]
    assert broker.published[-1] == (f"{path}/s/stats/ctrl", 0)
    assert broker.finalized
    assert not broker.is_open


def test_messages_that_are_lost_are_gaps_and_no_energy_is(power_stand_ins):
    broker = power_stand_ins.JoulescopeBroker(lambda _: 0.75, skip=frozenset({35, 36}))
    recording, start, end = record(broker)
    (gap,) = recording.gaps
    assert gap.end_s - gap.start_s == pytest.approx(0.02)
    energy = recording.traces[0].energy_j(start, end)
    assert energy == pytest.approx(0.75 * (end - start), rel=0.01)


def test_currents_beyond_the_range_are_counted(power_stand_ins):
    recording, _, _ = record(power_stand_ins.JoulescopeBroker(lambda _: 60.0), 0.05)
    assert len(recording.saturated_at_s) == recording.traces[0].times_s.size


def test_an_instrument_that_sends_nothing(power_stand_ins):
    broker = power_stand_ins.JoulescopeBroker(lambda _: 1.0, skip=range(10_000))
    meter = JoulescopeMeter(broker, broker.device, 100)
    with pytest.raises(MeterError, match="sends nothing"):
        meter.start()
    meter.close()


def test_the_package_itself_finds_none_here():
    with pytest.raises(MeterError, match="there is none on USB") as caught:
        JoulescopeDriver().open()
    assert "udev" in caught.value.hint


def test_the_instrument_is_chosen_by_its_serial_number():
    paths = ["u/js220/001", "u/js110/002", "u/js320/003"]
    assert _choose(paths[:1], None) == "u/js220/001"
    assert _choose(paths, "002") == "u/js110/002"
    with pytest.raises(MeterError, match="several are there"):
        _choose(paths, None)
    with pytest.raises(MeterError, match="none with serial number 9"):
        _choose(paths, "9")


def test_it_is_looked_for_on_usb(tmp_path, power_stand_ins):
    assert JoulescopeDriver(root=tmp_path).probe().status is MeterStatus.ABSENT
    numbers = {"idVendor": "16d0", "idProduct": "10ba", "busnum": "3", "devnum": "14"}
    power_stand_ins.write_tree(tmp_path / "sys/bus/usb/devices/3-1", numbers)
    state = JoulescopeDriver(root=tmp_path).probe()
    # Its file is not there, as it is for a user that may not even look.
    command = f"sudo chmod a+rw {tmp_path}/dev/bus/usb/003/014"
    assert (state.status, state.command) == (MeterStatus.NO_PERMISSION, command)
    with pytest.raises(MeterPermissionError) as caught:
        JoulescopeDriver(root=tmp_path).open()
    assert caught.value.command == command
    power_stand_ins.write_tree(tmp_path, {"dev/bus/usb/003/014": ""})
    assert JoulescopeDriver(root=tmp_path).probe().status is MeterStatus.READY


@pytest.mark.parametrize("rate_hz", [0, 2000])
def test_rates_out_of_range(rate_hz):
    with pytest.raises(InvalidOptionError, match="between 1 and 1000"):
        JoulescopeDriver(rate_hz=rate_hz)
