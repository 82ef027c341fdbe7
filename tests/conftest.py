"""Fixtures that every test folder shares: tiny models made on the spot, and the optional data."""

import importlib.util
import os
import shutil
import signal
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, settings

_HERE = Path(__file__).parent

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("edgekit", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("edgekit")

# A shell's background jobs ignore Ctrl-C, and so would every process that a test interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def results_database(tmp_path_factory) -> Path:
    """Where tests record results: never in the user's own database."""
    path = tmp_path_factory.mktemp("results") / "results.sqlite3"
    os.environ["EDGEKIT_RESULTS"] = str(path)
    return path


@pytest.fixture(scope="session")
def tflite_models() -> ModuleType:
    """``tests/tflite_models.py``: builders of tiny ``.tflite`` models."""
    return _helper("tflite_models")


@pytest.fixture(scope="session")
def small_models() -> ModuleType:
    """``tests/small_models.py``: small torch modules and ONNX graphs."""
    return _helper("small_models")


@pytest.fixture(scope="session")
def quantized_models() -> ModuleType:
    """``tests/quantized_models.py``: networks that onnxruntime quantized."""
    return _helper("quantized_models")


@pytest.fixture(scope="session")
def c_libraries() -> ModuleType:
    """``tests/c_libraries.py``: generated C on the host, beside the golden interpreter."""
    pytest.importorskip("tflite_micro", reason="the golden interpreter is not installed")
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    return _helper("c_libraries")


@pytest.fixture(scope="session")
def c_graphs() -> ModuleType:
    """``tests/c_graphs.py``: random integer graphs of mixed operators."""
    return _helper("c_graphs")


@pytest.fixture(scope="session")
def power_stand_ins() -> ModuleType:
    """``tests/power_stand_ins.py``: the device side of power meters."""
    return _helper("power_stand_ins")


@pytest.fixture(scope="session")
def counted_targets() -> ModuleType:
    """``tests/counted_targets.py``: targets whose inferences take energy that is known."""
    return _helper("counted_targets")


@pytest.fixture(scope="session")
def c_boards() -> ModuleType:
    """``tests/c_boards.py``: generated C on emulated boards, beside the golden interpreter."""
    for program in ("arm-none-eabi-gcc", "qemu-system-arm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    return _helper("c_boards")


@pytest.fixture(scope="session")
def c_cases() -> ModuleType:
    """``tests/c_cases.py``: random layers with weights, for generated kernels."""
    return _helper("c_cases")


@pytest.fixture(scope="session")
def engine_cache(tmp_path_factory) -> Path:
    """One cache folder for every lowering of the run, shared by the processes of xdist."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "engine-cache"


def _helper(stem: str) -> ModuleType:
    name = f"edgekit_test_{stem}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, _HERE / f"{stem}.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of real models and inputs; tests that need it are skipped without it."""
    default = _HERE.parent.parent / "shared" / "data"
    folder = Path(os.environ.get("EDGEKIT_TEST_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"no test data at {folder}; set EDGEKIT_TEST_DATA")
    return folder
