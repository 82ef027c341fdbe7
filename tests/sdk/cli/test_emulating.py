"""`edgekit benchmark --on emulator` counts, and refuses what says how to measure time."""

import json

import numpy as np
import pytest

from edgekit.benchmarks.emulator import EmulationResult, EmulatorError, load_core
from edgekit.benchmarks.emulator.toolchain import require_tools
from edgekit.cli.emulating import EmulatorOptionError

ON = ("--on", "emulator", "-d", "nucleo-l4r5zi")


@pytest.fixture
def bundle(tmp_path, tflite_models):
    made = tflite_models.conv_bundle(tmp_path / "tiny.edgekit", labels=tflite_models.CONV_LABELS)
    return made.path


@pytest.fixture
def _tools():
    try:
        require_tools(load_core("cortex-m4"))
    except EmulatorError as error:
        pytest.skip(str(error))


@pytest.mark.usefixtures("_tools")
def test_it_shows_figures_layers_and_memory(succeed, bundle, tmp_path, tflite_models):
    shape = (12, *tflite_models.CONV_SHAPE[1:])
    values = np.random.default_rng(0).integers(-128, 128, shape, np.int8)
    np.savez(tmp_path / "eval.npz", image=values, y=np.zeros(12, np.int64))
    words = ("--inputs", "eval.npz", "--labels", "eval.npz", "-o", "result.json")
    shown = succeed("benchmark", bundle, *ON, *words)
    for word in ("emulated", "estimated", "CONV_2D", "together", "of 12 samples", "dsp kernels"):
        assert word in shown
    result = EmulationResult.load(tmp_path / "result.json")
    assert result.correct is not None
    assert len(result.instructions) == 12


@pytest.mark.usefixtures("_tools")
def test_json_is_the_result(succeed, bundle):
    data = json.loads(succeed("benchmark", bundle, *ON, "--json"))
    assert EmulationResult.from_json(data).inputs == "random, seed 0"


def test_it_needs_a_device(invoke, bundle):
    result = invoke("benchmark", bundle, "--on", "emulator")
    assert isinstance(result.exception, EmulatorOptionError)
    assert "-d DEVICE" in result.exception.hint


@pytest.mark.parametrize(
    "words", [("--quick",), ("--windows", "3"), ("--pin", "0"), ("--threads", "2")]
)
def test_options_of_time_are_refused(invoke, bundle, words):
    result = invoke("benchmark", bundle, *ON, *words)
    assert isinstance(result.exception, EmulatorOptionError)
    assert result.exception.message.startswith(f"{words[0]} means nothing")


@pytest.mark.parametrize("words", [("--labels", "eval.npz"), ("--stack-bytes", "1024")])
def test_what_is_for_an_emulated_board_is_refused_elsewhere(invoke, bundle, words):
    result = invoke("benchmark", bundle, *words)
    assert isinstance(result.exception, EmulatorOptionError)
    assert result.exception.message == f"{words[0]} is for an emulated board"


@pytest.mark.usefixtures("_tools")
def test_the_firmware_is_built_as_asked_for(succeed, bundle):
    words = ("--optimisation", "-Os", "--stack-bytes", "1024", "--max-instructions", "50000000")
    options = json.loads(succeed("benchmark", bundle, *ON, *words, "--json"))["options"]
    assert options == {
        "optimisation": "-Os",
        "stack_bytes": 1024,
        "max_instructions": 50_000_000,
        "seed": 0,
    }


def test_missing_tools_are_named(invoke, bundle, monkeypatch):
    monkeypatch.setenv("PATH", "")
    result = invoke("benchmark", bundle, *ON)
    assert isinstance(result.exception, EmulatorError)
    assert "apt-get install gcc-arm-none-eabi" in result.exception.hint
