"""The script of memory plans reads graphs rightly and counts what it found."""

import pytest

from edgekit.converters.c.planning import Buffer, Overlap
from edgekit.converters.graph import read_graph


@pytest.fixture(scope="module")
def plans(script):
    return script("memory_plans")


def test_activations_live_from_their_writer_to_their_last_reader(plans, tflite_models, tmp_path):
    main = read_graph(tflite_models.pair_bundle(tmp_path / "pair.edgekit").model).main
    buffers, overlaps = plans.problem(main)
    names = {main.tensors[int(item.name[1:])].name: item for item in buffers}
    assert names["a"] == Buffer(names["a"].name, 4, 0, 1)
    assert names["sum"] == Buffer(names["sum"].name, 4, 0, 2)
    assert names["product"] == Buffer(names["product"].name, 4, 1, 2)
    product, a, b = (names[name].name for name in ("product", "a", "b"))
    assert {*overlaps} == {Overlap(product, a, 0), Overlap(product, b, 0)}


def test_random_graphs_are_seeded(plans):
    assert plans.random_network(3, 12) == plans.random_network(3, 12)
    assert plans.random_network(3, 12) != plans.random_network(4, 12)


def test_random_graphs_are_counted(plans, monkeypatch):
    monkeypatch.setattr(plans, "NETWORKS", 4)
    disjoint, in_place = plans._random_rows(8)
    assert (disjoint["way"], in_place["way"]) == ("disjoint", "in place")
    for row in (disjoint, in_place):
        assert row["proved_optimal"] + row["neither"] <= 4
        assert 0 < row["of_largest_first"] <= 1
