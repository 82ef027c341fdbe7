"""Granules, sections and the bound of a section."""

from edgekit.converters.c.planning.buffers import Buffer, Overlap
from edgekit.converters.c.planning.instance import make_instance


def test_sizes_and_distances_are_rounded_up_to_granules():
    buffers = [Buffer("in", 40, 0, 1, 16), Buffer("out", 40, 1, 2, 32)]
    instance = make_instance(buffers, [Overlap("out", "in", 17)])
    assert instance.granule_bytes == 16
    assert instance.sizes == (3, 3)
    assert instance.alignments == (1, 2)
    assert instance.neighbours == (((1, 3, 2),), ((0, 2, 3),))
    assert instance.savings == {(1, 0): 1}
    assert [instance.aligned(1, offset) for offset in (0, 1, 2, 3)] == [0, 2, 2, 4]


def test_sections_are_the_largest_live_sets():
    buffers = [Buffer("a", 16, 0, 1), Buffer("b", 16, 1, 3), Buffer("c", 16, 2, 3)]
    assert make_instance(buffers, []).sections == ((0, 1), (1, 2))


def test_an_output_saves_its_own_size_once():
    buffers = [Buffer("a", 64, 0, 1), Buffer("b", 64, 0, 1), Buffer("sum", 64, 1, 2)]
    instance = make_instance(buffers, [Overlap("sum", "a", 0), Overlap("sum", "b", 0)])
    assert instance.lower_bound == 8


def test_outputs_of_a_split_save_the_input_once():
    buffers = [Buffer("in", 64, 0, 1), *(Buffer(f"out{i}", 32, 1, 2) for i in range(2))]
    instance = make_instance(buffers, [Overlap("out0", "in", 0), Overlap("out1", "in", 0)])
    assert instance.lower_bound == 4


def test_a_restricted_problem_renumbers_what_is_left():
    buffers = [Buffer("a", 16, 0, 1), Buffer("b", 32, 1, 2), Buffer("c", 48, 2, 3)]
    instance = make_instance(buffers, [Overlap("b", "a", 0), Overlap("c", "b", 0)])
    part = instance.restricted([1, 2])
    assert part == make_instance(buffers[1:], [Overlap("c", "b", 0)])
