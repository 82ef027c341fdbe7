"""`edgekit benchmark --power`: from a counter in sysfs to a figure in the table."""

import json
import os
import tempfile
from pathlib import Path
from statistics import median

import pytest

from edgekit.benchmarks import BenchmarkResult

ZONES = {"intel-rapl:0": "package-0", "intel-rapl:0:0": "core", "intel-rapl:0:1": "dram"}
WATTS = {"intel-rapl:0": 60.0, "intel-rapl:0:0": 40.0, "intel-rapl:0:1": 5.0}
SPAN_UJ = 150_000_000
ARGUMENTS = ("--windows", "3", "--window-seconds", "0.8", "--idle-seconds", "0.3")


@pytest.fixture(autouse=True)
def pair(tmp_path, tflite_models):
    return tflite_models.pair_bundle(tmp_path / "pair.edgekit")


def test_energy_of_a_counter_that_wraps_is_within_one_percent(
    succeed, tmp_path, power_stand_ins, counted_targets, monkeypatch
):
    """Each inference adds 20 mJ to the package and 5 mJ to the memory, and nothing else does.

    The first one and the warm-up take 20 J, each window 16 J: it wraps in the second.
    """
    zone = "intel-rapl:0"
    root = power_stand_ins.RaplRoot(tmp_path / "root", ZONES, SPAN_UJ, WATTS, SPAN_UJ - 44_000_000)
    joules = {zone: 0.02, "intel-rapl:0:1": 0.005}
    target = counted_targets.CountedTarget(root, joules)
    counted_targets.offer(target, tmp_path / "package", monkeypatch)
    power = ("--on", "counted", "--power", f"rapl:root={root.root},rate_hz=200")
    data = json.loads(succeed("benchmark", "pair.edgekit", *ARGUMENTS, *power, "--json"))
    assert root.wraps(zone) == 1
    result = BenchmarkResult.from_json(data)
    energy = result.energy
    assert energy.per_inference.value == pytest.approx(25_000, rel=0.01)
    assert energy.above_idle.value == pytest.approx(25_000, rel=0.01)
    # A late sample shares the first inference's energy with the last part of the idle time.
    assert median(energy.idle_power.samples) == 0
    channels = {each.name: (each.counted, each.per_inference.value) for each in energy.channels}
    assert channels == {
        "package-0": (True, pytest.approx(20_000, rel=0.01)),
        "package-0/core": (False, 0),
        "package-0/dram": (True, pytest.approx(5000, rel=0.01)),
    }
    assert data["measurements"]["energy"]["provenance"] == "measured"
    assert data["energy"]["meter"]["name"] == "rapl"


def test_the_table_shows_energy_beside_latency(succeed, tmp_path, power_stand_ins):
    root = power_stand_ins.RaplRoot(tmp_path / "root", ZONES, SPAN_UJ, WATTS)
    power = ("--power", f"rapl:root={root.root}", "--idle-seconds", "0.1")
    with root:
        text = succeed(
            "benchmark",
            "pair.edgekit",
            "--quick",
            "--window-seconds",
            "0.05",
            *power,
            "-o",
            "r.json",
        )
    rows = [line.split("│")[1:-1] for line in text.splitlines() if line.startswith("│")]
    figures = {row[0].strip(): row[2].strip() for row in rows if row[0].strip()}
    for name in ("energy", "energy above idle", "active power", "idle power"):
        assert figures[name] == "measured"
    assert BenchmarkResult.load(tmp_path / "r.json").energy is not None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody without permission")
def test_missing_permission_is_one_error_with_the_command(run_main, power_stand_ins):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        power_stand_ins.RaplRoot(root, ZONES, SPAN_UJ, WATTS)
        for path in root.rglob("energy_uj"):
            path.chmod(0o400)
        Path("pair.edgekit").chmod(0o644)
        for path in (Path.cwd(), *Path.cwd().parents[:3]):
            path.chmod(0o755)
        with power_stand_ins.as_nobody():
            status, out, err = run_main("benchmark", "pair.edgekit", "--power", f"rapl:root={root}")
    assert (status, out) == (1, "")
    assert "no permission to read" in err
    assert f"sudo chmod a+r {root}/sys/class/powercap/intel-rapl:*/energy_uj" in err


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("--power", "raplx"), 1, "did you mean rapl?"),
        (("--power", "rapl:rote_hz=5"), 1, "did you mean rate_hz"),
        (("--power", "rapl:root=/nonexistent"), 1, "modprobe intel_rapl_msr"),
        (("--power", "profile:pixel-9"), 1, "did you mean pixel-8?"),
        (("--power", "rapl", "--idle-seconds", "-1"), 2, "'--idle-seconds'"),
    ],
)
def test_what_cannot_be_measured_is_one_error(run_main, arguments, status, message):
    found, out, err = run_main("benchmark", "pair.edgekit", *arguments)
    assert (found, out) == (status, "")
    assert message in err


def test_idle_power_needs_a_meter(invoke):
    result = invoke("benchmark", "pair.edgekit", "--quick", "--idle-seconds", "1")
    assert result.exit_code == 2
    assert "add --power METER" in result.output
