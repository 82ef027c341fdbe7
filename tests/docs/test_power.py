"""docs/power.md names every meter and option, its commands run, its figures are the record's."""

import json
import re
import shlex
import subprocess
import sys
import threading
import time
from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner

from edgekit.benchmarks.power import load_driver, meter_names
from edgekit.benchmarks.power.profile_model import POWER_ERROR
from edgekit.cli.main import cli

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "power.md").read_text()
RECORD = json.loads((DOCS / "figures" / "power_meters.json").read_text())
COMMANDS = re.findall(r"^\$ edgekit (.*)$", PAGE, re.MULTILINE)
QUICK = ("--windows", "3", "--window-seconds", "0.2")


def test_every_meter_and_option_is_named():
    rows = re.findall(r"^\| `(\w+)` \| .* \| (`.*?) \| .* \|$", PAGE, re.MULTILINE)
    shown = {name: re.findall(r"`(\w+)`", options) for name, options in rows if name != "load"}
    shown = {name: options for name, options in shown.items() if name in meter_names()}
    assert shown == {
        name: [field.name for field in fields(load_driver(name))] for name in meter_names()
    }


@pytest.fixture
def project(tmp_path, monkeypatch, tflite_models, power_stand_ins):
    """A bundle, and a processor that is measured."""
    monkeypatch.chdir(tmp_path)
    tflite_models.pair_bundle(tmp_path / "kws.edgekit")
    zones = {"intel-rapl:0": "package-0"}
    with power_stand_ins.RaplRoot(tmp_path, zones, 10**9, {"intel-rapl:0": 20.0}):
        yield tmp_path


@pytest.mark.parametrize("command", [line for line in COMMANDS if "csv:" not in line])
def test_the_commands_run(project, command):
    command = command.replace("--power rapl", f"--power rapl:root={project}")
    command = command.replace(f"root={project}:", f"root={project},")
    command = command.replace("--idle-seconds 10", "--idle-seconds 1")
    result = CliRunner().invoke(cli, [*shlex.split(command), *QUICK, "--json"])
    assert result.exit_code == 0, result.exception
    assert json.loads(result.stdout)["energy"]["per_inference"]["value"] > 0


class LoadLogger:
    """A logger that sees whether a process computes: 2 W then, 0.5 W else."""

    def __init__(self, path, scale):
        self.path, self.scale, self.rows = path, scale, []

    def follow(self, process):
        """Log until the process has ended, and export until its load has ended."""
        last_ns, busy_until = 0, time.time() + 60
        while process.poll() is None:
            time.sleep(0.01)
            try:
                ran_ns = int(Path(f"/proc/{process.pid}/schedstat").read_text().split()[0])
            except (OSError, IndexError):  # it has just ended
                return
            now, busy = time.time(), ran_ns - last_ns > 3e6
            last_ns = ran_ns
            self.rows.append((now * self.scale, 2.0 if busy else 0.5))
            busy_until = now if busy else busy_until
            if now - busy_until < 0.6 and len(self.rows) % 5 == 0:
                self._export()

    def _export(self):
        lines = (f"{at:.6f},{at:.6f},{watts},{watts / 5}" for at, watts in self.rows)
        fresh = self.path.with_suffix(".new")
        fresh.write_text("\n".join(["t,ms,p,i", *lines]) + "\n")
        fresh.replace(self.path)


def _logged(program, path, scale):
    logger = LoadLogger(path, scale)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(program, text=True, **pipes) as process:
        thread = threading.Thread(target=logger.follow, args=[process])
        thread.start()
        out, err = process.communicate()
        thread.join()
    return process.returncode, out, err


@pytest.mark.parametrize("command", [line for line in COMMANDS if "csv:" in line])
def test_the_commands_for_logs_run(project, command):
    arguments = [*shlex.split(command), *QUICK, "--idle-seconds", "1", "--json"]
    program = [Path(sys.executable).with_name("edgekit"), *arguments]
    for _ in range(3):  # what else runs here may hide the load
        code, out, err = _logged(program, project / "log.csv", 1e3 if "time=ms" in command else 1.0)
        if code == 0:
            break
    assert code == 0, err
    energy = json.loads(out)["energy"]
    assert energy["notes"][0].startswith("aligned by ")
    assert 1.0 < energy["active_power"]["value"] / 1e3 <= 2.0
    assert energy["idle_power"]["value"] < 1000


def test_the_figures_are_those_of_the_record():
    shown = re.findall(r"^\| `(\w+)`, .* \| ([\d.]+) % \|$", PAGE, re.MULTILINE)
    largest = {name: max(map(abs, errors)) for name, errors in RECORD["errors"].items()}
    assert shown == [(name, f"{error:.2%}".removesuffix("%")) for name, error in largest.items()]
    limits = {"rapl": 0.01, "ppk2": 0.01, "ina219": 0.02, "ina226": 0.02, "ina260": 0.02}
    assert all(largest[name] < limit for name, limit in limits.items())


def test_what_watching_costs_is_that_of_the_record():
    watching = RECORD["watching"]
    low, high = watching["quartiles"]
    assert f"took {watching['ratio']:.3f} times" in PAGE
    assert f"middle half {low:.3f} to {high:.3f}" in PAGE


def test_the_interval_of_the_estimate_is_that_of_the_record():
    model = RECORD["model"]
    assert f"{model['count']} results of 26 systems" in PAGE
    assert f"is {model['mean']:.1%}".replace("%", " %") in PAGE
    assert f"within {model['p50_p90_p95'][2]:.1%}".replace("%", " %") in PAGE
    assert f"widened by {POWER_ERROR:.0%}".replace("%", " %") in PAGE
    assert model["p50_p90_p95"][2] <= POWER_ERROR
