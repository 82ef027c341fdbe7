"""The script that counts verdicts runs both kinds of comparison."""

from argparse import Namespace

import pytest


@pytest.fixture
def bundle(tflite_models, tmp_path):
    return tflite_models.pair_bundle(tmp_path / "pair.edgekit")


def test_in_turns(script, bundle):
    module = script("compare_verdicts")
    rows = module.in_turns_verdicts((bundle, bundle), 1, Namespace(seconds=0.0))
    assert sum(module.counted(rows).values()) == 1
    assert all(row["provenance"] == "measured" for row in rows)
    assert all(row["interval"][0] <= row["ratio"] <= row["interval"][1] for row in rows)


def test_apart(script, bundle):
    module = script("compare_verdicts")
    rows = module.apart_verdicts([bundle.path] * 2)
    assert len(rows) == 1
    assert rows[0]["verdict"] in module.counted(rows)


def test_the_truth_comes_from_bare_loops(script, bundle, monkeypatch):
    module = script("compare_verdicts")
    monkeypatch.setattr(module, "LOADS", 1)
    truth = module.true_ratio(bundle, bundle)
    low, high = truth["interval"]
    assert low <= truth["ratio"] <= high
