"""INA219, INA226 and INA260 through smbus2 itself, down to the kernel's I2C calls."""

import os
import tempfile
from pathlib import Path
from time import perf_counter, sleep

import pytest
import smbus2.smbus2

from edgekit.benchmarks.power import MeterError, MeterPermissionError, MeterStatus
from edgekit.benchmarks.power.ina import Ina219Driver, Ina226Driver, Ina260Driver

DRIVERS = {"ina219": Ina219Driver, "ina226": Ina226Driver, "ina260": Ina260Driver}


@pytest.fixture
def bus(tmp_path, monkeypatch, power_stand_ins):
    """Put a chip on bus 1 of a root and return the root and the chip."""

    def make(kind, amperes, volts, address=0x40):
        (tmp_path / "dev").mkdir(exist_ok=True)
        (tmp_path / "dev/i2c-1").touch()
        chip = power_stand_ins.InaRegisters(kind, address, amperes, volts)
        monkeypatch.setattr(smbus2.smbus2, "ioctl", power_stand_ins.I2cKernel(chip))
        return tmp_path, chip

    return make


def record(driver, seconds=0.15):
    meter = driver.open()
    meter.start()
    start = perf_counter()
    sleep(seconds)
    end = perf_counter()
    recording = meter.stop()
    meter.close()
    return recording, start, end


@pytest.mark.parametrize("kind", DRIVERS)
@pytest.mark.parametrize(("amperes", "volts"), [(0.5, 5.1), (0.123, 3.3), (0.05, 1.8)])
def test_energy_is_within_two_percent(bus, kind, amperes, volts):
    root, _ = bus(kind, amperes, volts)
    recording, start, end = record(DRIVERS[kind](root=root))
    (trace,) = recording.traces
    assert trace.energy_j(start, end) == pytest.approx(amperes * volts * (end - start), rel=0.02)
    assert recording.saturated_at_s == ()


def test_power_that_changes_is_followed(bus):
    root, chip = bus("ina226", 0.2, 5.0)
    meter = Ina226Driver(root=root).open()
    meter.start()
    chip.amperes = 0.6
    (trace,) = meter.stop().traces
    meter.close()
    assert trace.values[[0, -1]] == pytest.approx([1.0, 3.0], rel=0.02)


@pytest.mark.parametrize(
    ("kind", "amperes", "options"),
    [
        ("ina219", 3.6, {}),
        ("ina219", 0.5, {"max_a": 0.4}),
        ("ina226", 1.0, {}),
        ("ina226", 0.5, {"max_a": 0.4}),
        ("ina260", 20.0, {}),
    ],
)
def test_a_current_beyond_the_range_is_counted(bus, kind, amperes, options):
    root, _ = bus(kind, amperes, 5.0)
    recording, _, _ = record(DRIVERS[kind](root=root, **options), 0.05)
    assert len(recording.saturated_at_s) == recording.traces[0].times_s.size


def test_a_shunt_the_wrong_way_round_is_told(bus):
    root, _ = bus("ina219", -0.5, 5.0)
    recording, start, end = record(Ina219Driver(root=root), 0.05)
    assert recording.traces[0].energy_j(start, end) == pytest.approx(-2.5 * (end - start), rel=0.02)
    assert "other way round" in recording.notes[0]


def test_a_chip_of_another_kind_is_refused(bus):
    root, _ = bus("ina260", 0.5, 5.0)
    with pytest.raises(MeterError, match="says it is 0x227, not 0x226") as caught:
        Ina226Driver(root=root).open()
    assert "ina260" in caught.value.hint


def test_nothing_at_the_address(bus):
    root, _ = bus("ina219", 0.5, 5.0, address=0x41)
    with pytest.raises(MeterError, match="nothing answers at 0x40") as caught:
        Ina219Driver(root=root).open()
    assert caught.value.hint == "look for it:  i2cdetect -y 1"
    assert Ina219Driver(root=root, address=0x41).open().info.device.startswith("0x41 on ")


def test_a_chip_that_the_kernel_has_is_read_through_hwmon(bus, power_stand_ins, monkeypatch):
    root, chip = bus("ina226", 0.5, 5.0)
    kernel = power_stand_ins.I2cKernel(chip)
    kernel.taken.add(0x40)
    monkeypatch.setattr(smbus2.smbus2, "ioctl", kernel)
    with pytest.raises(MeterError, match="a driver of the kernel has the chip") as caught:
        Ina226Driver(root=root).open()
    assert "--power hwmon" in caught.value.hint


def test_it_is_closed_once(bus):
    root, _ = bus("ina219", 0.5, 5.0)
    meter = Ina219Driver(root=root).open()
    meter.close()
    meter.close()
    with pytest.raises(MeterError, match="it is closed"):
        meter.start()


def test_without_the_bus_it_says_what_to_do(tmp_path):
    assert Ina226Driver(root=tmp_path).probe().status is MeterStatus.ABSENT
    with pytest.raises(MeterError, match="there is no such bus") as caught:
        Ina226Driver(root=tmp_path).open()
    assert "do_i2c 0" in caught.value.hint


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody without permission")
def test_a_user_without_permission_gets_the_command(power_stand_ins):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        (root / "dev").mkdir()
        (root / "dev/i2c-1").touch(0o600)
        assert Ina260Driver(root=root).probe().status is MeterStatus.READY
        with power_stand_ins.as_nobody():
            state = Ina260Driver(root=root).probe()
            with pytest.raises(MeterPermissionError) as caught:
                Ina260Driver(root=root).open()
    assert caught.value.command == state.command == 'sudo usermod -aG i2c "$USER"'
    assert state.status is MeterStatus.NO_PERMISSION
