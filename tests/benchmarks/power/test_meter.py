"""The protocols are the manual of whoever writes a meter: nothing in them goes unexplained."""

import pytest

from edgekit.benchmarks.power import (
    MeterDriver,
    MeterState,
    MeterStatus,
    PowerMeter,
    RunFinder,
    load_driver,
    meter_names,
)
from edgekit.benchmarks.power.csv_log import CsvLogDriver
from edgekit.benchmarks.power.rapl import RaplMeter


@pytest.mark.parametrize("protocol", [PowerMeter, MeterDriver, RunFinder])
def test_every_member_is_explained(protocol):
    members = [name for name in vars(protocol) if not name.startswith("_")]
    assert members
    for name in members:
        assert getattr(protocol, name).__doc__, name


def test_only_a_log_looks_for_the_run(tmp_path):
    assert isinstance(CsvLogDriver(tmp_path / "log.csv").open(), RunFinder)
    assert not isinstance(RaplMeter((), 100.0, ""), RunFinder)


@pytest.mark.parametrize("name", meter_names())
def test_drivers_are_frozen_and_touch_nothing_when_they_are_made(name):
    driver = load_driver(name)
    assert driver.__dataclass_params__.frozen


def test_a_state_is_plain_json():
    state = MeterState(MeterStatus.NO_PERMISSION, "there", "sudo it")
    assert state.to_json() == {"status": "no permission", "detail": "there", "command": "sudo it"}
