"""The overhead script compares the harness with a bare loop, block by block."""

from argparse import Namespace


def test_harness_and_bare_loop_run_in_turns(script, tflite_models, tmp_path):
    bundle = tflite_models.conv_bundle(tmp_path / "picture.edgekit")
    options = Namespace(loads=3, rounds=4, block_seconds=0.001, seed=0)
    row = script("harness_overhead").measure(bundle, options)
    assert row["provenance"] == "measured"
    assert [len(group["first_us"]) for group in row["groups"]] == [4] * 3
    assert [len(group["second_us"]) for group in row["groups"]] == [4] * 3
    low, high = row["interval"]
    assert 0 < low <= row["ratio"] <= high
    assert row["bare_loop_us"] > 0
    assert row["environment"]["interpreter"] == "ai-edge-litert"
