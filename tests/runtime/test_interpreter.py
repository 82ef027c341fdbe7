"""The interpreter that is there is opened with the kernels that were asked for."""

import importlib.metadata
import sys

import numpy as np
import pytest

from edgekit.errors import MissingDependencyError, UnknownNameError
from edgekit.runtime import Backend, InterpreterError, Kernels, available_backends, open_interpreter
from edgekit.runtime import interpreter as interpreter_module


@pytest.fixture
def model(tflite_models):
    return tflite_models.quantize_model("int8", 0.5, 1, 4)


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder on the import path, for packages named tflite_runtime."""
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("tflite_runtime")]:
        del sys.modules[name]


def package(site, interpreter):
    folder = site / "tflite_runtime"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "interpreter.py").write_text(interpreter)


@pytest.mark.parametrize("kernels", list(Kernels))
def test_every_kind_of_kernels_runs(model, kernels):
    interpreter, backend = open_interpreter(model, kernels=kernels, threads=2)
    version = importlib.metadata.version("ai-edge-litert")
    assert backend == Backend("ai-edge-litert", version, kernels, 2)
    assert str(backend) == f"ai-edge-litert {version}, {kernels} kernels, 2 threads"
    values = np.array([0, 0.5, 1, -1], np.float32)
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], values)
    interpreter.invoke()
    output = interpreter.get_output_details()[0]["index"]
    assert interpreter.get_tensor(output).tolist() == [1, 2, 3, -1]


def test_only_the_default_kernels_use_the_delegate(tflite_models):
    content = tflite_models.conv_model()
    for kernels in Kernels:
        interpreter, _ = open_interpreter(content, kernels=kernels)
        names = [op["op_name"] for op in interpreter._get_ops_details()]
        assert ("DELEGATE" in names) == (kernels is Kernels.DEFAULT)


def test_inner_tensors_can_be_kept(tflite_models):
    content = tflite_models.conv_model()
    interpreter, _ = open_interpreter(content, kernels=Kernels.REFERENCE, preserve_all_tensors=True)
    shape = tflite_models.CONV_SHAPE
    picture = np.random.default_rng(3).integers(-128, 128, shape, dtype=np.int8)
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], picture)
    interpreter.invoke()
    names = {detail["name"]: detail["index"] for detail in interpreter.get_tensor_details()}
    weights, scales, bias = tflite_models.conv_weights()
    sums = np.einsum("hwc,ohwc->o", picture[0].astype(int) + 3, weights.astype(int)) + bias
    real = sums * scales * tflite_models.CONV_IN["scale"]
    expected = np.clip(np.round(real / 0.05) + 10, -128, 127)
    np.testing.assert_allclose(interpreter.get_tensor(names["conv"]).ravel(), expected, atol=1)


def test_the_backend_can_be_named(model):
    for name in ("ai-edge-litert", "ai_edge_litert"):
        assert open_interpreter(model, backend=name)[1].package == "ai-edge-litert"


def test_an_unknown_backend_is_refused_with_the_nearest(model):
    with pytest.raises(UnknownNameError) as caught:
        open_interpreter(model, backend="litert")
    assert "ai-edge-litert" in caught.value.near


def test_available_backends_come_in_order_of_preference():
    found = available_backends()
    assert next(iter(found)) == "ai-edge-litert"
    assert found["ai-edge-litert"] == importlib.metadata.version("ai-edge-litert")


def test_tflite_runtime_is_used_by_its_own_name(model, site):
    package(site, "from ai_edge_litert.interpreter import *")
    assert available_backends()["tflite-runtime"] == "unknown"
    _, backend = open_interpreter(model, backend="tflite-runtime")
    assert backend == Backend("tflite-runtime", "unknown", Kernels.DEFAULT, 1)


def test_a_package_that_cannot_be_imported_is_named(model, site):
    package(site, "raise ImportError('libc is too old')")
    with pytest.raises(InterpreterError, match=r"unknown is installed but cannot.*libc is too old"):
        open_interpreter(model, backend="tflite-runtime")


def test_a_package_built_for_another_numpy_is_named(model, site):
    # What tflite-runtime 2.14.0 does under NumPy 2.
    package(
        site,
        "from ai_edge_litert.interpreter import OpResolverType\n"
        "def Interpreter(**options):\n"
        "    raise SystemError('a result with an exception') from AttributeError('_ARRAY_API')\n",
    )
    with pytest.raises(InterpreterError, match=f"with NumPy {np.__version__}: _ARRAY_API") as error:
        open_interpreter(model, backend="tflite-runtime")
    assert "numpy<2" in error.value.hint


def test_a_folder_of_that_name_is_no_package(model, site):
    (site / "tflite_runtime").mkdir()
    assert "tflite-runtime" not in available_backends()
    with pytest.raises(MissingDependencyError, match="backend='tflite_runtime' needs"):
        open_interpreter(model, backend="tflite_runtime")


def test_no_interpreter_at_all_says_what_to_install(model, monkeypatch):
    monkeypatch.setattr(interpreter_module, "_MODULES", {"ai-edge-litert": "absent_package.x"})
    assert available_backends() == {}
    with pytest.raises(MissingDependencyError) as caught:
        open_interpreter(model)
    assert caught.value.hint == "pip install 'edgekit[runtime]'"


@pytest.mark.parametrize("content", [b"", b"garbage" * 20])
def test_what_is_no_model_is_refused(content):
    with pytest.raises(InterpreterError, match="cannot load the model"):
        open_interpreter(content)


def test_a_truncated_model_is_refused(model):
    with pytest.raises(InterpreterError, match="cannot load the model"):
        open_interpreter(model[: len(model) // 2])


def test_a_thread_is_needed(model):
    with pytest.raises(InterpreterError, match="cannot use 0 threads"):
        open_interpreter(model, threads=0)
