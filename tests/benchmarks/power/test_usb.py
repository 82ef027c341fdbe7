"""USB devices as sysfs shows them."""

import os
import tempfile
from pathlib import Path

import pytest

from edgekit.benchmarks.power import MeterStatus
from edgekit.benchmarks.power.usb import plugged_in, usb_state

ASKED = frozenset({(0x1915, 0xC00A)})
FILES = {
    "sys/bus/usb/devices/1-2/idVendor": "1915",
    "sys/bus/usb/devices/1-2/idProduct": "c00a",
    "sys/bus/usb/devices/1-2/busnum": "1",
    "sys/bus/usb/devices/1-2/devnum": "23",
    "sys/bus/usb/devices/1-2/1-2:1.1/tty/ttyACM0/dev": "166:0",
    "sys/bus/usb/devices/1-2/1-2:1.3/tty/ttyACM1/dev": "166:1",
    "sys/bus/usb/devices/usb1/idVendor": "1d6b",
    "sys/bus/usb/devices/usb1/idProduct": "0002",
    "sys/bus/usb/devices/1-4/idVendor": "1915",
    "dev/ttyACM0": "",
    "dev/ttyACM1": "",
}


def test_a_device_is_found_with_its_files(tmp_path, power_stand_ins):
    (device,) = plugged_in(power_stand_ins.write_tree(tmp_path, FILES), ASKED)
    assert str(device) == "1915:c00a at 1-2"
    assert device.ports == [tmp_path / "dev/ttyACM0", tmp_path / "dev/ttyACM1"]
    assert device.node == tmp_path / "dev/bus/usb/001/023"


def test_nothing_is_plugged_in(tmp_path):
    assert plugged_in(tmp_path, ASKED) == []
    state = usb_state({}, command="x")
    assert (state.status, state.command) == (MeterStatus.ABSENT, None)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody without permission")
def test_a_file_that_may_not_be_used_comes_with_the_command(power_stand_ins):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        (device,) = plugged_in(power_stand_ins.write_tree(root, FILES), ASKED)
        (root / "dev/ttyACM1").chmod(0o600)
        (root / "dev/ttyACM0").chmod(0o666)
        files = dict.fromkeys(device.ports, device)
        with power_stand_ins.as_nobody():
            state = usb_state(files, command="chmod {}")
            first = usb_state({device.ports[0]: device}, command="chmod {}")
    assert state.status is MeterStatus.NO_PERMISSION
    assert state.command == f"chmod {root}/dev/ttyACM1"
    assert (first.status, first.detail) == (MeterStatus.READY, "1915:c00a at 1-2")
