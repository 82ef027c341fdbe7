"""RAPL against a sysfs tree whose counters a thread drives and wraps."""

import os
import subprocess
import tempfile
from pathlib import Path
from time import perf_counter, sleep

import pytest

from edgekit.benchmarks.power import MeterError, MeterPermissionError, MeterStatus
from edgekit.benchmarks.power.rapl import RaplDriver

DOMAINS = {
    "intel-rapl:0": "package-0",
    "intel-rapl:0:0": "core",
    "intel-rapl:0:1": "dram",
    "intel-rapl:1": "psys",
    "intel-rapl-mmio:0": "package-0",
}
WATTS = {
    "intel-rapl:0": 90.0,
    "intel-rapl:0:0": 60.0,
    "intel-rapl:0:1": 8.0,
    "intel-rapl:1": 140.0,
    "intel-rapl-mmio:0": 90.0,
}
SPAN_UJ = 200_000_000


@pytest.fixture
def counters(tmp_path, power_stand_ins):
    """Counters that wrap soon after the start."""
    return power_stand_ins.RaplRoot(tmp_path, DOMAINS, SPAN_UJ, WATTS, SPAN_UJ - 20_000_000)


def test_energy_is_within_one_percent_across_a_wrap(counters):
    with counters:
        counters.rest()
        before = {zone: counters.joules(zone) for zone in DOMAINS}
        meter = RaplDriver(counters.root, rate_hz=200).open()
        meter.start()
        sleep(0.2)
        start = perf_counter()
        counters.load()
        sleep(1.0)
        counters.rest()
        sleep(0.3)
        end = perf_counter()
        recording = meter.stop()
        meter.close()
    assert counters.wraps("intel-rapl:0") == 1
    zones = ("intel-rapl:0", "intel-rapl:0:0", "intel-rapl:0:1", "intel-rapl:1")
    for trace, zone in zip(recording.traces, zones, strict=True):
        true = counters.joules(zone) - before[zone]
        assert true > 0.5 * WATTS[zone]
        assert trace.energy_j(start, end) == pytest.approx(true, rel=0.01)


def test_what_a_package_holds_is_counted_once(counters):
    with counters:
        meter = RaplDriver(counters.root).open()
        meter.start()
        recording = meter.stop()
    assert {trace.channel: trace.counted for trace in recording.traces} == {
        "package-0": True,
        "package-0/core": False,
        "package-0/dram": True,
        "psys": False,
    }
    assert meter.info.device == "package-0, package-0/core, package-0/dram, psys"


def test_a_platform_domain_alone_counts(tmp_path, power_stand_ins):
    only = {"intel-rapl:0": "psys"}
    with power_stand_ins.RaplRoot(tmp_path, only, SPAN_UJ, {"intel-rapl:0": 1.0}):
        meter = RaplDriver(tmp_path).open()
        meter.start()
        (trace,) = meter.stop().traces
    assert trace.counted


def test_a_pause_in_which_it_may_have_wrapped_is_refused(tmp_path, power_stand_ins):
    zone = {"intel-rapl:0": "package-0"}
    # 150 W at most fill 3 J in 20 ms, and it is read once in 100 ms.
    with power_stand_ins.RaplRoot(tmp_path, zone, 3_000_000, {"intel-rapl:0": 100.0}):
        meter = RaplDriver(tmp_path, rate_hz=10).open()
        meter.start()
        sleep(0.25)
        with pytest.raises(MeterError, match="how often it did cannot be told"):
            meter.stop()


def test_without_powercap_it_says_what_to_do(tmp_path):
    assert RaplDriver(tmp_path).probe().status is MeterStatus.ABSENT
    with pytest.raises(MeterError, match="there is no") as caught:
        RaplDriver(tmp_path).open()
    assert "modprobe" in caught.value.hint


def test_a_counter_that_vanishes_ends_in_an_error(counters):
    with counters:
        meter = RaplDriver(counters.root).open()
        meter.start()
    for path in counters.root.rglob("energy_uj"):
        path.unlink()
    with pytest.raises(MeterError, match="cannot read"):
        meter.stop()
    meter.close()


def test_a_counter_that_is_no_number_is_refused(counters):
    for path in counters.root.rglob("energy_uj"):
        path.write_text("many\n")
    with pytest.raises(MeterError, match="'many', which is no number"):
        RaplDriver(counters.root).open()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody without permission")
def test_the_command_of_the_error_grants_the_permission(power_stand_ins):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        zones = {zone: name for zone, name in DOMAINS.items() if "mmio" not in zone}
        power_stand_ins.RaplRoot(root, zones, SPAN_UJ, WATTS)
        for path in root.rglob("energy_uj"):
            path.chmod(0o400)
        driver = RaplDriver(root)
        with power_stand_ins.as_nobody():
            state = driver.probe()
            with pytest.raises(MeterPermissionError) as caught:
                driver.open()
        assert state.status is MeterStatus.NO_PERMISSION
        command = f"sudo chmod a+r {root}/sys/class/powercap/intel-rapl:*/energy_uj"
        assert caught.value.command == state.command == command
        assert command in str(caught.value)
        subprocess.run(power_stand_ins.without_sudo(command), shell=True, check=True)
        with power_stand_ins.as_nobody():
            assert driver.probe().status is MeterStatus.READY
            driver.open().close()
