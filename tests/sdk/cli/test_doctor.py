"""`edgekit doctor` shows the state of this installation."""

import importlib.metadata
import json
import platform

import pytest

from edgekit.benchmarks.power import MeterState, MeterStatus
from edgekit.cli.doctor import _show
from edgekit.cli.output import Output
from edgekit.doctor import Diagnosis, ExtraState, PackageState, diagnose


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("EDGEKIT_CACHE_DIR", str(tmp_path / "kept"))
    return tmp_path / "kept"


def test_the_text_names_versions_and_the_cache(succeed, cache_folder):
    text = succeed("doctor")
    assert f"CPython {platform.python_version()}" in text
    assert importlib.metadata.version("numpy") in text
    assert "ai-edge-litert" in text
    assert f"cache: 0 bytes in {cache_folder}" in text


def test_json_is_the_diagnosis(succeed):
    data = json.loads(succeed("doctor", "--json"))
    assert data == json.loads(json.dumps(diagnose().to_json()))
    assert {"base", "runtime", "convert", "tensorflow", "torch", "dev"} <= {
        extra["name"] for extra in data["extras"]
    }


def test_what_is_missing_comes_with_the_command(capsys, cache_folder):
    extras = (
        ExtraState("base", (PackageState("numpy", ">=1.26", "2.0"),)),
        ExtraState("torch", (PackageState("torch", "==2.13.0", None),)),
        ExtraState("convert", (PackageState("onnxsim", "==0.4.36", "0.8.1"),)),
    )
    _show(Output.console(), Diagnosis("1.0", "CPython 3", "Linux", extras, {}, cache_folder, 5, {}))
    text = capsys.readouterr().out
    assert "interpreters that can run bundles: none" in text
    assert "[torch] is incomplete; to complete it:  pip install 'edgekit[torch]'" in text
    assert "[convert] is incomplete; to complete it:  pip install 'edgekit[convert]'" in text
    assert "[base]" in text
    assert "[base] is incomplete" not in text
    assert "out of range" in text
    assert "missing" in text


def test_a_complete_installation_says_so(capsys, cache_folder):
    extras = (ExtraState("base", (PackageState("numpy", ">=1.26", "2.0"),)),)
    backends = {"tflite-runtime": "2.14.0"}
    _show(Output.console(), Diagnosis("1", "3", "Linux", extras, backends, cache_folder, 0, {}))
    text = capsys.readouterr().out
    assert "everything is installed" in text
    assert "interpreters that can run bundles: tflite-runtime 2.14.0" in text


def test_power_meters_are_shown_with_the_command_that_allows_them(capsys, cache_folder):
    extras = (ExtraState("base", (PackageState("numpy", ">=1.26", "2.0"),)),)
    meters = {
        "rapl": MeterState(MeterStatus.NO_PERMISSION, "energy_uj may not be read", "sudo chmod x"),
        "ppk2": MeterState(MeterStatus.READY, "1915:c00a at 1-2"),
    }
    _show(Output.console(), Diagnosis("1", "3", "Linux", extras, {}, cache_folder, 0, meters))
    text = capsys.readouterr().out
    assert "no permission" in text
    assert "1915:c00a at 1-2" in text
    assert "to use rapl:  sudo chmod x" in text
    assert "to use ppk2" not in text
