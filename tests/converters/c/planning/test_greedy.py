"""Places of buffers in a given order, worked out by hand."""

from edgekit.converters.c.planning.buffers import Buffer, Overlap
from edgekit.converters.c.planning.greedy import ORDERS, climb, place, top
from edgekit.converters.c.planning.instance import make_instance


def test_each_buffer_takes_the_lowest_free_place():
    buffers = [
        Buffer("a", 32, 0, 3),
        Buffer("b", 16, 0, 0),
        Buffer("c", 32, 1, 1),
        Buffer("d", 16, 0, 1),
    ]
    instance = make_instance(buffers, [])
    assert place(instance, [0, 1, 2, 3]) == (0, 2, 2, 4)
    assert place(instance, [0, 1, 3, 2]) == (0, 2, 4, 3)
    assert place(instance, [2, 3, 1, 0]) == (3, 0, 0, 2)


def test_an_output_slips_under_its_input_when_it_comes_later():
    buffers = [Buffer("in", 64, 0, 1), Buffer("out", 64, 1, 2)]
    instance = make_instance(buffers, [Overlap("out", "in", 16)])
    assert place(instance, [1, 0]) == (1, 0)
    assert place(instance, [0, 1]) == (0, 4)


def test_orders_sort_by_what_their_names_say():
    buffers = [Buffer("long", 32, 0, 9), Buffer("big", 48, 5, 5), Buffer("small", 16, 0, 0)]
    instance = make_instance(buffers, [])
    spans = [10, 1, 1]
    assert ORDERS["by size"](instance, spans) == [1, 0, 2]
    assert ORDERS["by size times lifetime"](instance, spans) == [0, 1, 2]
    assert ORDERS["by the crowd they live in"](instance, spans) == [1, 0, 2]


def test_climbing_finds_the_order_that_a_bad_one_misses():
    buffers = [
        Buffer("a", 64, 0, 1),
        Buffer("b", 48, 1, 2),
        Buffer("c", 48, 2, 3),
        Buffer("d", 64, 3, 4),
        Buffer("e", 16, 0, 4),
    ]
    instance = make_instance(buffers, [])
    worst = [4, 2, 1, 3, 0]
    assert top(instance, climb(instance, worst, 500)) == instance.lower_bound
