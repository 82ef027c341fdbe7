"""The exact search: finds what exists, and proves what does not."""

from edgekit.converters.c.planning.buffers import Buffer, Overlap
from edgekit.converters.c.planning.exact import prove, search
from edgekit.converters.c.planning.instance import make_instance

CHAIN = [Buffer(f"t{step}", 64, max(0, step - 1), step) for step in range(6)]


def test_it_finds_a_plan_at_the_bound():
    found = search(make_instance(CHAIN, []), 8, 1000)
    assert found.offsets is not None
    assert {*found.offsets} == {0, 4}


def test_it_proves_that_nothing_is_below_the_bound():
    instance = make_instance(CHAIN, [])
    found = search(instance, 7, 1000)
    assert (found.offsets, found.is_exhausted) == (None, True)
    assert prove(instance, 7)
    assert not prove(instance, 8)


def test_it_gives_up_after_its_nodes():
    found = search(make_instance(CHAIN, []), 8, 1)
    assert (found.offsets, found.is_exhausted, found.nodes) == (None, False, 1)


def test_overlaps_are_searched_too():
    buffers = [Buffer("in", 64, 0, 1), Buffer("out", 64, 1, 2), Buffer("scratch", 16, 1, 1)]
    instance = make_instance(buffers, [Overlap("out", "in", 16)])
    found = search(instance, 6, 1000)
    assert found.offsets in {(1, 0, 5), (2, 1, 0)}
    assert search(instance, 5, 1000).is_exhausted
