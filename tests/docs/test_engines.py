"""The engine that docs/engines.md shows works, and its table names the engines that there are."""

import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import onnxruntime
import pytest

from edgekit.benchmarks import random_inputs
from edgekit.benchmarks.engines import (
    EngineCase,
    EngineUnavailableError,
    InferenceEngine,
    engine_names,
)

PAGE = (Path(__file__).parents[2] / "docs" / "engines.md").read_text()


@pytest.fixture
def engine():
    """The class that the page shows."""
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    names = {}
    exec(compile(code, "engines.md", "exec"), names)
    return names["MyEngine"]()


@pytest.fixture
def case(tflite_models, small_models, tmp_path):
    bundle = tflite_models.pair_bundle(tmp_path / "pair.edgekit")
    model = small_models.onnx_model(
        [small_models.node("Add", "a b", "sum"), small_models.node("Mul", "a b", "product")],
        [("a", [1, 4]), ("b", [1, 4])],
        [("sum", [1, 4]), ("product", [1, 4])],
    )
    manifest = bundle.manifest
    samples = random_inputs(manifest.inputs, seed=0)
    content = model.SerializeToString()
    return EngineCase("pair", b"", manifest.inputs, manifest.outputs, samples, onnx=content)


def test_the_engine_runs_where_its_package_is(engine, case, monkeypatch):
    package = ModuleType("my_package")

    def load(content):
        session = onnxruntime.InferenceSession(content)
        names = [item.name for item in session.get_inputs()]
        return lambda values: session.run(None, dict(zip(names, values, strict=True)))

    package.load = load
    monkeypatch.setitem(sys.modules, "my_package", package)
    assert isinstance(engine, InferenceEngine)
    session = engine.prepare(case)
    session.run(1)
    sample = case.source_samples()[1]
    np.testing.assert_allclose(session.outputs()["sum"], sample["a"] + sample["b"])


def test_without_its_package_it_says_so(engine, case):
    with pytest.raises(EngineUnavailableError, match="my-package is not installed"):
        engine.prepare(case)


def test_the_table_has_every_engine():
    rows = re.findall(r"^\| `([^`]+)` \| [a-z]", PAGE, re.MULTILINE)
    assert tuple(rows[: len(engine_names())]) == engine_names()
