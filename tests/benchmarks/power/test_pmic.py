"""The Raspberry Pi 5's rails, told by a program of vcgencmd's name on the path."""

from time import sleep

import pytest

from edgekit.benchmarks.power import MeterError, MeterPermissionError, MeterStatus
from edgekit.benchmarks.power.pmic import PmicDriver, rail_powers_w

# As a Raspberry Pi 5 prints it, some rails left out.
TEXT = """\
 3V7_WL_SW_A current(0)=0.09466522A
   3V3_SYS_A current(1)=0.08197812A
   1V1_SYS_A current(5)=0.20299340A
  VDD_CORE_A current(7)=1.11625000A
 3V7_WL_SW_V volt(8)=3.62925200V
   3V3_SYS_V volt(9)=3.31652900V
   1V1_SYS_V volt(13)=1.10402800V
  VDD_CORE_V volt(15)=0.74944980V
     EXT5V_V volt(24)=5.08530000V
      BATT_V volt(25)=0.00000000V
"""
WATTS = {
    "3V7_WL_SW": 0.09466522 * 3.629252,
    "3V3_SYS": 0.08197812 * 3.316529,
    "1V1_SYS": 0.2029934 * 1.104028,
    "VDD_CORE": 1.11625 * 0.7494498,
}


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Put a vcgencmd on the path that says what it is told."""

    def make(script):
        path = tmp_path / "vcgencmd"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    return make


def says(text):
    return f'[ "$*" = pmic_read_adc ] || exit 1\ncat <<EOF\n{text}EOF'


def test_voltage_times_current_of_every_rail_that_tells_both():
    found = rail_powers_w(TEXT)
    assert found == pytest.approx(WATTS)
    assert "EXT5V" not in found


def test_rails_are_recorded(program):
    program(says(TEXT))
    meter = PmicDriver(rate_hz=20).open()
    meter.start()
    sleep(0.2)
    recording = meter.stop()
    meter.close()
    assert {trace.channel: trace.values[0] for trace in recording.traces} == pytest.approx(WATTS)
    assert all(trace.counted for trace in recording.traces)
    assert PmicDriver().probe().status is MeterStatus.READY


@pytest.mark.parametrize(
    "message", ["VCHI initialization failed", "Can't open device file: /dev/vcio"]
)
def test_a_user_without_permission_gets_the_command(program, message):
    program(f'echo "{message}"; exit 255')
    with pytest.raises(MeterPermissionError) as caught:
        PmicDriver().open()
    assert caught.value.command == 'sudo usermod -aG video "$USER"'
    assert "log in again" in caught.value.hint
    state = PmicDriver().probe()
    assert (state.status, state.command) == (MeterStatus.NO_PERMISSION, caught.value.command)


def test_an_older_board_is_refused(program):
    program('echo "error=1 error_msg=\\"Command not registered\\""')
    with pytest.raises(MeterError, match="Command not registered") as caught:
        PmicDriver().open()
    assert "Raspberry Pi 5" in caught.value.hint
    assert PmicDriver().probe().status is MeterStatus.ABSENT


def test_rails_that_change_spoil_it(program):
    program(says(TEXT))
    meter = PmicDriver(rate_hz=20).open()
    meter.start()
    program(says("  VDD_CORE_A current(7)=1.0A\n  VDD_CORE_V volt(15)=0.7V\n"))
    with pytest.raises(MeterError, match="its rails changed to VDD_CORE"):
        meter.stop()


def test_another_machine_has_none(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert PmicDriver().probe().status is MeterStatus.ABSENT
    with pytest.raises(MeterError, match="no program vcgencmd"):
        PmicDriver().open()
