"""docs/power.md names every meter and option, its commands run, its figures are the record's."""

import json
import re
import shlex
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
BOARD = """\
title = "A board"
kind = "linux"
runtime = "litert"
soc = {value = "S", source = "s"}
core = {value = "C", source = "s"}
clock_hz = {value = 1_000_000, source = "s"}
active_power_mw = {value = 1500.0, source = "s"}
"""
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
    (tmp_path / "board.toml").write_text(BOARD)
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


@pytest.mark.parametrize("command", [line for line in COMMANDS if "csv:" in line])
def test_the_commands_for_logs_run(project, command, counted_targets, monkeypatch):
    def row(at, watts):
        return f"{at:.6f},{at * 1e3:.3f},{watts},{watts / 5}"

    target = counted_targets.LoggedTarget(project / "log.csv", "t,ms,p,i", row)
    counted_targets.offer(target, project / "package", monkeypatch)
    arguments = [*shlex.split(command), *QUICK, "--idle-seconds", "1", "--on", "counted", "--json"]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.exception
    energy = json.loads(result.stdout)["energy"]
    assert energy["notes"][0].startswith("aligned by ")
    assert energy["active_power"]["value"] == pytest.approx(2000, rel=0.05)
    assert energy["idle_power"]["value"] == pytest.approx(500, rel=0.05)


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
