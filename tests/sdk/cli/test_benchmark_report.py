"""What is printed of a result: figures, the machine, and what speaks against it."""

from dataclasses import replace

import pytest

from edgekit.benchmarks import (
    BenchmarkOptions,
    BenchmarkResult,
    Provenance,
    ThermalZone,
    Window,
    capture_environment,
    capture_state,
)
from edgekit.cli.benchmark_report import show_result
from edgekit.cli.output import Output
from edgekit.runtime import Backend, Kernels

STATE = replace(
    capture_state(),
    throttle_count=None,
    throttling=(),
    frequencies_hz=(1_800_000_000,),
    zones=(ThermalZone("cpu", 51.0),),
    load_average=0.25,
    busy_s=10.0,
    stolen_s=0.0,
)
AFTER = replace(
    STATE,
    clock_s=STATE.clock_s + 5,
    busy_s=15.1,
    own_s=STATE.own_s + 5,
    zones=(ThermalZone("cpu", 58.0),),
)
WINDOW = Window(0.0, 1.0, 100, 1e6, (10.0,) * 100)
RESULT = BenchmarkResult(
    model="tiny",
    model_sha256="ab" * 32,
    target="host",
    provenance=Provenance.MEASURED,
    inputs="random, seed 0",
    started_at="2024-05-06T07:08:09+00:00",
    options=BenchmarkOptions(),
    environment=replace(
        capture_environment(Backend("ai-edge-litert", "2.3.0", Kernels.DEFAULT, 1)),
        logical_cores=4,
        affinity=(0, 1, 2, 3),
    ),
    load_us=1500.0,
    first_inference_us=321.0,
    warmup_runs=7,
    windows=(WINDOW,) * 5,
    states=(STATE, AFTER),
    peak_rss_bytes=None,
)


@pytest.fixture
def shown(capsys):
    """Return what is printed of a result."""

    def show(result):
        show_result(Output.console(), result)
        return capsys.readouterr().out

    return show


def test_a_stable_result_says_nothing_of_instability(shown):
    text = shown(RESULT)
    assert "UNSTABLE" not in text
    assert "peak rss" not in text


def test_an_unstable_result_says_so_with_reasons(shown):
    wild = Window(0.0, 0.1, 3, 1e5, (1.0, 10.0, 100.0))
    text = shown(replace(RESULT, windows=(wild,) * 5))
    reasons = [line for line in text.splitlines() if line.startswith("UNSTABLE: ")]
    assert reasons[0].startswith("UNSTABLE: the spread is too wide")
    assert reasons[1] == "UNSTABLE: too few runs: 15, less than 30"


def test_what_the_machine_did_meanwhile_is_told(shown):
    text = shown(RESULT)
    assert "load average 0.25, other processes 0.02 processors, 1,800 to 1,800 MHz" in text
    assert "51 to 58 degrees Celsius" in text
    assert "not pinned" in text


def test_what_is_not_known_is_not_told(shown):
    silent = replace(STATE, frequencies_hz=(), zones=(), busy_s=None)
    text = shown(replace(RESULT, states=(silent, silent)))
    assert "other load unknown" in text
    assert "MHz" not in text
    assert "Celsius" not in text
    assert "load average" not in shown(replace(RESULT, states=()))


def test_a_pinned_run_says_where(shown):
    pinned = replace(RESULT, environment=replace(RESULT.environment, affinity=(2, 3)))
    assert "on processor 2, 3" in shown(pinned)
