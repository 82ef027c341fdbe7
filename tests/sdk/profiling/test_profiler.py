"""Profiles of real models: every operator has a row, and their work adds up."""

import pytest

from edgekit.benchmarks import random_inputs
from edgekit.benchmarks.profiling import Profile, ProfileOptions
from edgekit.converters.graph import Graph, read_graph, write_graph
from edgekit.converters.graph.macs import subgraph_macs
from edgekit.profiling import ProfileError, profile, profiler
from edgekit.runtime import Kernels

QUICK = ProfileOptions(rounds=2, turns=1, block_seconds=1e-4)


@pytest.fixture
def picture(tflite_models, tmp_path):
    return tflite_models.conv_bundle(tmp_path / "picture.edgekit")


def test_every_operator_and_partition_has_a_row(picture):
    result = profile(picture, QUICK, peaks=False)
    main = read_graph(picture.model).main
    assert [(row.index, row.kind) for row in result.operators] == [
        *((0, "CONV_2D"), (1, "RESHAPE"), (2, "SOFTMAX"))
    ]
    assert [row.output for row in result.operators] == ["conv", "flat", "scores"]
    assert [row.partition for row in result.operators] == [0, 0, None]
    assert [row.operators for row in result.partitions] == [(0, 1)]
    assert sum(row.macs for row in result.operators) == subgraph_macs(main)
    assert result.partitions[0].macs == subgraph_macs(main)
    assert len(result.whole_us) == len(result.call_us) == QUICK.rounds
    assert (result.inputs, result.peaks) == ("random, seed 0", None)
    assert result.environment.kernels == "default"


def test_a_partitions_time_is_the_sum_of_what_its_operators_add(picture):
    result = profile(picture, QUICK, peaks=False)
    first, second = (row.added_us for row in result.operators[:2])
    sums = [one + other for one, other in zip(first, second, strict=True)]
    assert result.partitions[0].added_us == pytest.approx(sums)


def test_other_kernels_have_no_partitions(picture, tmp_path):
    options = ProfileOptions(rounds=2, turns=1, block_seconds=1e-4, kernels=Kernels.BUILTIN)
    inputs = random_inputs(picture.manifest.inputs, seed=1)[0]
    result = profile(tmp_path / "picture.edgekit", options, inputs=inputs, peaks=False)
    assert result.partitions == ()
    assert {row.partition for row in result.operators} == {None}
    assert result.inputs == "given"


def test_peaks_are_of_the_types_that_it_multiplies(picture):
    result = profile(picture, QUICK)
    assert [peak.dtype for peak in result.peaks.compute] == ["INT8"]
    assert [peak.name for peak in result.peaks.bandwidths] == ["cache", "memory"]
    assert Profile.from_json(result.to_json()) == result


def test_a_large_model_is_timed_in_groups(picture, monkeypatch):
    monkeypatch.setattr(profiler, "_MAX_LOADED_BYTES", 1)
    result = profile(picture, QUICK, peaks=False)
    assert [row.index for row in result.operators] == [0, 1, 2]
    assert all(len(row.added_us) == QUICK.rounds for row in result.operators)
    assert len(result.whole_us) == QUICK.rounds


def test_a_model_with_branches_is_refused(tflite_models, tmp_path):
    simple = tflite_models.float_bundle(tmp_path / "simple.edgekit")
    main = read_graph(simple.model).main
    branched = tflite_models.bundle(
        tmp_path / "branched.edgekit",
        write_graph(Graph((main, main))),
        simple.manifest.inputs,
        simple.manifest.outputs,
    )
    with pytest.raises(ProfileError, match="it has 2 subgraphs"):
        profile(branched, QUICK)
