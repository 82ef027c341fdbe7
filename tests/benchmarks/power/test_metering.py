"""What `--power` stands for."""

import threading
from dataclasses import dataclass

import pytest

from edgekit.benchmarks import (
    BenchmarkOptions,
    BenchmarkResult,
    HostTarget,
    InvalidOptionError,
    Provenance,
    benchmark,
)
from edgekit.benchmarks.power import MeterError
from edgekit.benchmarks.power.metering import metering
from edgekit.errors import UnknownNameError

QUICK = BenchmarkOptions(windows=3, window_seconds=0.05, warmup_seconds=0.01)
PROFILE = """\
title = "A board"
kind = "linux"
runtime = "litert"
soc = {value = "S", source = "s"}
core = {value = "C", source = "s"}
clock_hz = {value = 1_000_000, source = "s"}
"""


@dataclass(frozen=True)
class Emulation:
    """A target that is emulated."""

    name: str = "emulator"
    provenance: Provenance = Provenance.EMULATED

    def prepare(self, bundle, inputs, options):
        raise NotImplementedError


@pytest.fixture
def result(tflite_models, tmp_path):
    return benchmark(tflite_models.pair_bundle(tmp_path / "pair.edgekit"), options=QUICK)


def test_nothing_is_measured_where_nothing_is_asked_for(result):
    with metering(None, idle_seconds=1, target=HostTarget()) as energy:
        assert list(energy.observers) == []
        assert energy.with_energy(result) is result


def test_a_profile_estimates_from_the_latency(result, tmp_path):
    path = tmp_path / "board.toml"
    path.write_text(PROFILE + 'active_power_mw = {value = 500.0, source = "s"}\n')
    with metering(f"profile:{path}", idle_seconds=1, target=HostTarget()) as energy:
        found = energy.with_energy(result)
    assert found.energy.per_inference.value == pytest.approx(result.latency.value * 0.5)
    assert found.measurements()["energy"].provenance is Provenance.ESTIMATED
    assert found.energy.notes == ("the latency on 'host' is taken for that of A board",)
    assert BenchmarkResult.from_json(found.to_json()) == found


def test_a_profile_may_estimate_an_emulated_target():
    with metering("profile:nucleo-l4r5zi", idle_seconds=1, target=Emulation()) as energy:
        assert energy.profile.name == "nucleo-l4r5zi"


def test_a_profile_of_what_this_machine_cannot_be_is_refused():
    with (
        pytest.raises(InvalidOptionError, match="profile:nucleo-l4r5zi") as caught,
        metering("profile:nucleo-l4r5zi", idle_seconds=1, target=HostTarget()),
    ):
        pass
    assert "--on emulator" in caught.value.hint


def test_a_profile_without_power_is_refused_before_the_run(tmp_path):
    path = tmp_path / "board.toml"
    path.write_text(PROFILE)
    with (
        pytest.raises(InvalidOptionError, match="active_power_mw"),
        metering(f"profile:{path}", idle_seconds=1, target=HostTarget()),
    ):
        pass


def test_a_meter_does_not_measure_an_emulated_target(tmp_path):
    with (
        pytest.raises(InvalidOptionError, match="power is 'rapl'") as caught,
        metering("rapl", idle_seconds=1, target=Emulation()),
    ):
        pass
    assert "'emulator' is emulated" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("profile:", InvalidOptionError),
        ("profile:no-such-board", UnknownNameError),
        ("rapple", UnknownNameError),
        ("battery:root=/nonexistent", MeterError),
    ],
)
def test_what_cannot_be_opened_is_an_error(text, error):
    with pytest.raises(error), metering(text, idle_seconds=1, target=HostTarget()):
        pass


def test_a_meter_is_closed_whatever_happens(tmp_path, power_stand_ins):
    zones = {"intel-rapl:0": "package-0"}
    power_stand_ins.RaplRoot(tmp_path, zones, 10**9, {"intel-rapl:0": 1.0})
    before = threading.active_count()

    def interrupted():
        with metering(f"rapl:root={tmp_path}", idle_seconds=0, target=HostTarget()) as energy:
            energy.observer.idle()
            assert threading.active_count() == before + 1
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert threading.active_count() == before


def test_a_result_shows_energy_with_the_rest(tflite_models, tmp_path, power_stand_ins):
    zones = {"intel-rapl:0": "package-0"}
    root = power_stand_ins.RaplRoot(tmp_path, zones, 10**9, {"intel-rapl:0": 20.0})
    with root, metering(f"rapl:root={tmp_path}", idle_seconds=0.2, target=HostTarget()) as energy:
        bundle = tflite_models.pair_bundle(tmp_path / "pair.edgekit")
        found = energy.with_energy(benchmark(bundle, options=QUICK, observers=energy.observers))
    assert set(found.measurements()) >= {"latency", "energy", "energy_above_idle", "idle_power"}
    assert set(found.energy.unstable_reasons) <= set(found.unstable_reasons)
    assert BenchmarkResult.from_json(found.to_json()) == found
