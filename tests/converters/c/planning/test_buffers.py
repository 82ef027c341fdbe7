"""When buffers are alive."""

from edgekit.converters.c.planning import Buffer


def test_a_buffer_is_alive_from_its_first_to_its_last_step():
    buffer = Buffer("b", 1, 2, 4)
    assert [step for step in range(7) if buffer.is_alive_at(step)] == [2, 3, 4]
