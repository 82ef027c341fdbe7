"""Messages that arrive late still tell when their samples were taken."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.benchmarks.power.arrival import host_times


@given(
    st.lists(st.floats(0, 5), min_size=1, max_size=40),
    st.floats(-1e5, 1e5),
    st.floats(0, 0.01),
    st.data(),
)
def test_the_quickest_message_tells_the_offset(delays, offset, quickest, data):
    delays[data.draw(st.integers(0, len(delays) - 1))] = 0.0
    device = np.arange(len(delays)) * 0.02
    received = device + offset + quickest + delays
    assert host_times(device, received) == pytest.approx(device + offset + quickest, abs=1e-6)
