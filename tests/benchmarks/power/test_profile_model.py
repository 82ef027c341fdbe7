"""The estimate from a device profile, held against published results."""

import csv
from dataclasses import replace

import pytest

from edgekit.benchmarks import InvalidOptionError, Measurement, Provenance
from edgekit.benchmarks.power import EnergyResult, estimate_energy
from edgekit.benchmarks.power.profile_model import POWER_ERROR
from edgekit.device_profiles import load_profile
from edgekit.device_profiles.sourced import Sourced

LATENCY = Measurement(1000.0, "us", Provenance.MEASURED, "m", (900.0, 1200.0))


@pytest.fixture
def board():
    return replace(load_profile("nucleo-l4r5zi"), active_power_mw=Sourced(30.0, "a datasheet"))


def test_power_times_latency_with_both_intervals(board):
    found = estimate_energy(board, LATENCY)
    # 30 mW for 1 ms are 30 uJ.
    assert found.per_inference.value == pytest.approx(30.0)
    low, high = 27.0 * (1 - POWER_ERROR), 36.0 * (1 + POWER_ERROR)
    assert found.per_inference.interval == pytest.approx((low, high))
    assert found.per_inference.provenance is Provenance.ESTIMATED
    assert found.meter.accuracy == "a datasheet"
    assert found.above_idle is found.idle_power is None
    assert found.unstable_reasons == ()
    assert EnergyResult.from_json(found.to_json()) == found


def test_a_latency_without_interval_is_taken_as_it_is(board):
    exact = replace(LATENCY, interval=None)
    low, high = estimate_energy(board, exact).per_inference.interval
    assert (low, high) == pytest.approx((30 * (1 - POWER_ERROR), 30 * (1 + POWER_ERROR)))


def test_a_profile_without_power_is_refused(board):
    with pytest.raises(InvalidOptionError, match="profile:nucleo-l4r5zi") as caught:
        estimate_energy(replace(board, active_power_mw=None), LATENCY)
    assert "active_power_mw" in caught.value.hint


def test_the_interval_holds_published_energies(test_data):
    """Each model of a board by the mean power of its others: 95 % lie within the interval."""
    with (test_data / "published_mlperf_tiny.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["energy_uJ_per_inf"]]
    systems = {}
    for row in rows:
        name = tuple(row[key] for key in ("submitter", "board", "clock_raw", "voltage", "hw_notes"))
        power = float(row["energy_uJ_per_inf"]) / float(row["latency_ms"])
        systems.setdefault((row["round"], row["system_id"], *name), {})[row["benchmark"]] = power
    errors = [
        abs(sum(others) / len(others) / power - 1)
        for powers in {tuple(sorted(each.items())) for each in systems.values()}
        for task, power in powers
        if (others := [other for name, other in powers if name != task])
    ]
    assert len(errors) > 80
    assert sum(error <= POWER_ERROR for error in errors) / len(errors) >= 0.94
