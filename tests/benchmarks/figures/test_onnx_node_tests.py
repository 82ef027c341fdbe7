"""The harness of the standard's node tests tells the endings apart."""

import os
from dataclasses import replace

import numpy as np
import pytest

from edgekit.converters.quantize import registry
from edgekit.runtime.interpreter import Kernels

BUILTIN = Kernels.BUILTIN


@pytest.fixture(scope="module")
def harness(script):
    return script("onnx_node_tests")


@pytest.fixture(scope="module")
def cases(harness):
    return {case.name: case for case in harness.collect()}


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
    outcome = harness.run_case(cases[name], BUILTIN)
    assert outcome.status == status
    assert bool(outcome.reason) == (status in ("refused", "not applicable"))
    assert bool(outcome.frozen) == (status == "passed with constant input")
    assert bool(outcome.kinds) == outcome.status.is_pass


def test_a_wrong_value_is_wrong(harness, cases):
    case = cases["test_relu"]
    wrong = replace(case, outputs=[np.asarray(case.outputs[0]) + 1])
    outcome = harness.run_case(wrong, BUILTIN)
    assert outcome.status == "WRONG"
    assert "differs by up to 1" in outcome.reason


def _run_or_die(case):
    if case.name == "test_abs":
        os._exit(7)
    return case.name


def _run_or_hang(case):
    if case.name == "test_abs":
        import time

        time.sleep(60)
    return case.name


def _lost(case):
    return f"lost {case.name}"


@pytest.mark.parametrize("run", [_run_or_die, _run_or_hang])
def test_a_crash_ends_one_case_only(harness, cases, run):
    chosen = [cases[name] for name in ("test_relu", "test_abs", "test_neg")]
    results = harness.run_all(chosen, run, _lost, jobs=1, seconds=2)
    assert results == ["test_relu", "lost test_abs", "test_neg"]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("test_relu", "full integer"),
        ("test_not_2d", "no floats"),
        ("test_isnan", "refused in int8"),
    ],
)
def test_int8_endings(harness, cases, name, status):
    outcome = harness.run_case(cases[name], BUILTIN)
    result = harness.run_integer(cases[name], outcome, BUILTIN)
    assert (result.status, result.islands) == (status, ())


def test_what_has_no_rule_is_an_island(harness, cases):
    case = cases["test_relu"]
    with registry.temporary_rules():
        registry._RULES.pop("RELU")
        result = harness.run_integer(case, harness.run_case(case, BUILTIN), BUILTIN)
    assert (result.status, result.islands) == ("float islands", ("RELU",))


def test_an_int8_model_that_is_too_far_off_is_imprecise(script, cases):
    integers = script("node_tests.integers")
    x = np.linspace(-1, 1, 64, dtype=np.float32)

    class Runner:
        """Gives its input."""

        def run(self, sample):
            return {"y": sample["x"]}

    figure, reason = integers._judge(Runner(), {"x": x}, {"y": x + 0.004})
    assert (reason, figure > 40) == ("", True)
    figure, reason = integers._judge(Runner(), {"x": x}, {"y": np.where(x > 0.9, 0.0, x)})
    assert "off by 1" in reason
    assert figure < 20


def test_older_opsets_are_held_against_onnxruntime(harness, cases):
    """Softmax along axis 1 is another function until opset 13: that is what has to come out."""
    case = cases["test_softmax_axis_1"]
    trials = harness.run_older(case, harness.run_case(case, BUILTIN), BUILTIN)
    assert [(trial.opset, trial.status) for trial in trials] == [(11, "passed")]
    case = cases["test_abs"]
    assert harness.run_older(case, harness.run_case(case, BUILTIN), BUILTIN)


def test_all_steps_together(harness, cases, tmp_path):
    chosen = [cases[name] for name in ("test_relu", "test_nonzero_example")]
    outcomes = harness.run_own(chosen, BUILTIN, 1)
    assert outcomes[0].int8.status == "full integer"
    assert outcomes[0].older
    assert outcomes[1].int8 is None
    record = harness.Record("edgekit", {"onnx": "1"}, {"count": 2, "seed": 3}, tuple(outcomes))
    record.write(tmp_path / "record.json")
    assert harness.Record.read(tmp_path / "record.json") == record
    assert len((tmp_path / "record.json").read_text().splitlines()) == 4
    assert [item.case for item in record.only(["test_relu"]).outcomes] == ["test_relu"]


@pytest.mark.slow
def test_the_peer_runs_the_same_cases(harness, cases):
    pytest.importorskip("onnx2tf")
    chosen = [
        cases[name]
        for name in ("test_relu", "test_add_uint8", "test_strnormalizer_nostopwords_nochangecase")
    ]
    outcomes = harness.run_peer(chosen, BUILTIN, 1)
    assert outcomes[0].status == "passed"
    assert outcomes[2].status == "not applicable"
    assert harness.peer_version()["onnx2tf"]
