"""One small model in each form that an engine takes, and engines that another package adds."""

import os
import sys

import numpy as np
import pytest

from edgekit.benchmarks import random_inputs
from edgekit.benchmarks.engines import EngineCase

TORCH_PAIR = """
import torch

class Pair(torch.nn.Module):
    def forward(self, a, b):
        return a + b, a * b

def get_model():
    return Pair()

def get_args():
    return torch.zeros(1, 4), torch.zeros(1, 4)
"""

ADDED = """
import os, signal, time

from edgekit.benchmarks.engines import EngineDescription, EngineUnavailableError, Form, open_engine

class Wrapped:
    \"\"\"LiteRT under another name.\"\"\"

    def prepare(self, case):
        return open_engine("litert").prepare(case)

class Added(Wrapped):
    name = "added"

class Refusing:
    name = "refusing"

    def prepare(self, case):
        raise EngineUnavailableError(self.name, "it takes no such model", hint="give another")

class Failing:
    name = "failing"

    def prepare(self, case):
        raise ValueError("two lines\\nof trouble")

class Crashing:
    name = "crashing"

    def prepare(self, case):
        print("about to crash", flush=True)
        os.kill(os.getpid(), signal.SIGSEGV)

class Sleeping:
    name = "sleeping"

    def prepare(self, case):
        time.sleep(600)

class Tiring(Wrapped):
    \"\"\"Fails after some runs.\"\"\"

    name = "tiring"

    def prepare(self, case):
        session, runs = super().prepare(case), iter(range(60))

        class Session:
            description = session.description
            outputs = session.outputs

            def run(self, sample):
                next(runs)
                session.run(sample)

        return Session()

class Wrong:
    pass
"""


@pytest.fixture
def pair(tflite_models, tmp_path):
    """The bundle of ``a + b`` and ``a * b``."""
    return tflite_models.pair_bundle(tmp_path / "pair.edgekit")


@pytest.fixture
def case(pair):
    """What an engine gets that has no source."""
    return case_of(pair)


@pytest.fixture
def onnx_case(pair, small_models):
    """The same with the source as ONNX."""
    model = small_models.onnx_model(
        [small_models.node("Add", "a b", "sum"), small_models.node("Mul", "a b", "product")],
        [("a", [1, 4]), ("b", [1, 4])],
        [("sum", [1, 4]), ("product", [1, 4])],
    )
    return case_of(pair, onnx=model.SerializeToString())


@pytest.fixture
def torch_case(pair, tmp_path):
    """The same with the source as a Python file."""
    (tmp_path / "pair.py").write_text(TORCH_PAIR)
    return case_of(pair, torch_file=tmp_path / "pair.py")


@pytest.fixture
def added_engines(tmp_path, monkeypatch):
    """Install a package with engines, for this process and for its children."""
    folder = tmp_path / "site"
    info = folder / "added_engines-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "added_engines.py").write_text(ADDED)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: added-engines\nVersion: 1.0\n")
    names = ("Added", "Refusing", "Failing", "Crashing", "Sleeping", "Tiring", "Wrong", "Missing")
    points = "".join(f"{name.lower()} = added_engines:{name}\n" for name in names)
    (info / "entry_points.txt").write_text(f"[edgekit.inference_engines]\n{points}")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)
    yield
    sys.modules.pop("added_engines", None)


def case_of(bundle, **forms):
    """Return what engines get of a bundle, with random samples."""
    manifest = bundle.manifest
    return EngineCase(
        manifest.name,
        bundle.model,
        manifest.inputs,
        manifest.outputs,
        random_inputs(manifest.inputs, seed=0),
        **forms,
    )


@pytest.fixture
def expected(case):
    """What the source computes for each sample, in NumPy."""
    return [
        {"sum": sample["a"] + sample["b"], "product": sample["a"] * sample["b"]}
        for sample in case.source_samples()
    ]


@pytest.fixture
def assert_close():
    """Compare the outputs of all samples."""

    def compare(actual, wanted):
        assert len(actual) == len(wanted)
        for one, other in zip(actual, wanted, strict=True):
            assert one.keys() == other.keys()
            for name, value in one.items():
                np.testing.assert_allclose(value, other[name], rtol=1e-6)

    return compare
