"""The state of a machine is read from what it tells, and does without what it does not."""

import json
import os
import time

import pytest

from edgekit.benchmarks import ResultFormatError, SystemState, ThermalZone, capture_state

CPU = "sys/devices/system/cpu/cpu"
THERMAL = "sys/class/thermal"
FIRMWARE = "sys/devices/platform/soc/soc:firmware/get_throttled"
HERTZ = os.sysconf("SC_CLK_TCK")


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.fixture
def machine(tmp_path):
    return write(
        tmp_path,
        {
            f"{CPU}0/cpufreq/scaling_cur_freq": "800000\n",
            f"{CPU}1/cpufreq/scaling_cur_freq": "2400000\n",
            f"{CPU}freq/policy0/scaling_cur_freq": "9999999\n",
            f"{CPU}0/thermal_throttle/core_throttle_count": "3\n",
            f"{CPU}0/thermal_throttle/package_throttle_count": "4\n",
            f"{CPU}1/thermal_throttle/core_throttle_count": "5\n",
            f"{THERMAL}/thermal_zone0/type": "cpu-thermal\n",
            f"{THERMAL}/thermal_zone0/temp": "48312\n",
            f"{THERMAL}/thermal_zone1/type": "outside\n",
            f"{THERMAL}/thermal_zone1/temp": "-2500\n",
            f"{THERMAL}/thermal_zone2/type": "broken\n",
            f"{THERMAL}/cooling_device0/type": "cpufreq-cpu0\n",
            f"{THERMAL}/cooling_device0/cur_state": "0\n",
            f"{THERMAL}/cooling_device1/type": "pwm-fan\n",
            f"{THERMAL}/cooling_device1/cur_state": "3\n",
            "proc/loadavg": "0.75 0.50 0.25 2/300 4321\n",
            "proc/stat": "cpu  100 20 30 4000 500 6 7 80 50 5\ncpu0 1 1 1 1 1 1 1 1 1 1\n",
        },
    )


def test_what_the_machine_tells(machine):
    state = capture_state(root=machine)
    assert state.frequencies_hz == (800_000_000, 2_400_000_000)
    assert state.frequency_hz == 2_400_000_000
    assert state.zones == (ThermalZone("cpu-thermal", 48.312), ThermalZone("outside", -2.5))
    assert state.celsius == 48.312
    assert state.throttle_count == 12
    assert state.throttling == ()
    assert state.load_average == 0.75
    # proc(5): guests are counted in user and nice already, idle and waiting for disks is not busy.
    assert state.busy_s == (100 + 20 + 30 + 6 + 7) / HERTZ
    assert state.stolen_s == 80 / HERTZ


def test_cooling_that_slows_the_processor_is_named_and_fans_are_not(machine):
    write(machine, {f"{THERMAL}/cooling_device0/cur_state": "2\n"})
    assert capture_state(root=machine).throttling == ("cpufreq-cpu0 at state 2",)


@pytest.mark.parametrize(
    ("text", "throttling"),
    [
        ("0\n", ()),
        ("50000\n", ()),  # it has occurred, but not now
        ("50005\n", ("firmware: under-voltage", "firmware: throttled")),
        ("8\n", ("firmware: soft temperature limit",)),
        ("what\n", ()),
    ],
)
def test_the_firmware_of_a_raspberry_pi_is_understood(tmp_path, text, throttling):
    assert capture_state(root=write(tmp_path, {FIRMWARE: text})).throttling == throttling


def test_what_a_machine_does_not_tell_is_none_or_empty(tmp_path):
    state = capture_state(root=tmp_path)
    assert (state.frequencies_hz, state.zones, state.throttling) == ((), (), ())
    assert (state.frequency_hz, state.celsius, state.throttle_count) == (None, None, None)
    assert (state.load_average, state.busy_s, state.stolen_s) == (None, None, None)


def test_clocks_go_on_and_own_work_is_counted():
    before = capture_state()
    while time.process_time() < before.own_s + 0.03:
        pass
    after = capture_state()
    assert after.clock_s > before.clock_s
    assert after.own_s >= before.own_s + 0.03
    assert after.busy_s >= before.busy_s


def test_json_gives_the_same_back(machine):
    for state in (capture_state(), capture_state(root=machine)):
        assert SystemState.from_json(json.loads(json.dumps(state.to_json()))) == state


@pytest.mark.parametrize(
    "changes", [{"zones": [{"name": "x"}]}, {"frequencies_hz": ["x"]}, {"surprise": 1}]
)
def test_json_that_is_not_ours_is_refused(machine, changes):
    data = {**capture_state(root=machine).to_json(), **changes}
    with pytest.raises(ResultFormatError, match="this is no system state"):
        SystemState.from_json(data)


@pytest.mark.parametrize("data", [None, {}, 7])
def test_json_of_another_kind_is_refused(data):
    with pytest.raises(ResultFormatError, match="this is no system state"):
        SystemState.from_json(data)
