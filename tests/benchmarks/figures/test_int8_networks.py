"""The slower network computes the same, by a few operators more."""

import numpy as np
import pytest

from edgekit.benchmarks import random_inputs
from edgekit.converters.graph import read_graph
from edgekit.runtime import Model


@pytest.fixture
def kws(script, test_data, tmp_path, monkeypatch):
    monkeypatch.setenv("EDGEKIT_TEST_DATA", str(test_data))
    return script("int8_networks").kws_bundle(tmp_path)


def test_redundant_operators_change_nothing_but_the_work(script, kws, tmp_path):
    slower = script("int8_networks").with_redundant_operators(kws, 3, tmp_path / "slower.edgekit")
    kinds = [operator.kind for operator in read_graph(slower.model).main.operators]
    assert kinds.count("RELU") == 3
    assert len(kinds) == len(read_graph(kws.model).main.operators) + 3
    with Model(kws) as one, Model(slower) as other:
        for sample in random_inputs(kws.manifest.inputs, seed=0):
            (mine,), (its,) = one(sample).values(), other(sample).values()
            np.testing.assert_array_equal(mine, its)


def test_the_scratch_folder_goes_away(script):
    with script("int8_networks").scratch_folder() as folder:
        (folder / "x").write_text("")
    assert not folder.exists()
