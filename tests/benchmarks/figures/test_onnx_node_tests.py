"""The harness of the standard's node tests tells the endings apart."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from edgekit.runtime.interpreter import Kernels

PATH = Path(__file__).parents[3] / "benchmarks" / "figures" / "onnx_node_tests.py"


@pytest.fixture(scope="module")
def harness():
    spec = importlib.util.spec_from_file_location("onnx_node_tests", PATH)
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["onnx_node_tests"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def cases(harness):
    return {case.name: (operator, case) for operator, case in harness.collect()}


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("test_relu", "passed"),
        ("test_squeeze", "passed with constant input"),
        ("test_nonzero_example", "refused"),
        ("test_sequence_insert_at_back", "not applicable"),
        ("test_cast_FLOAT_to_FLOAT16", "not applicable"),
    ],
)
def test_endings(harness, cases, name, status):
    outcome = harness.run_case(*cases[name], Kernels.BUILTIN)
    assert outcome.status == status
    assert bool(outcome.reason) == (status in ("refused", "not applicable"))


def test_a_wrong_value_is_wrong(harness, cases):
    operator, case = cases["test_relu"]
    inputs, (expected,) = case.data_sets[0]
    kept = case.data_sets
    case.data_sets = [(inputs, [np.asarray(expected) + 1])]
    outcome = harness.run_case(operator, case, Kernels.BUILTIN)
    case.data_sets = kept
    assert outcome.status == "WRONG"
    assert "differs by up to 1" in outcome.reason


def test_a_crash_ends_one_case_only(harness, cases, monkeypatch):
    import os

    chosen = [cases[name] for name in ("test_relu", "test_abs", "test_neg")]
    run = harness.run_case

    def crashing(operator, case, kernels):
        if case.name == "test_abs":
            os._exit(7)
        return run(operator, case, kernels)

    monkeypatch.setattr(harness, "run_case", crashing)
    outcomes = harness.run_all(chosen, Kernels.BUILTIN, 1)
    assert [item.status for item in outcomes] == ["passed", "WRONG", "passed"]
    assert outcomes[1].reason == "crashed or hung the process"
