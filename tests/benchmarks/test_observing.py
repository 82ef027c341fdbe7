"""A moment by both clocks."""

import time

from edgekit.benchmarks import Instant


def test_now_is_now_by_both_clocks():
    before = time.perf_counter_ns(), time.time_ns()
    now = Instant.now()
    assert before[0] <= now.perf_counter_ns <= time.perf_counter_ns()
    assert abs(now.time_ns - before[1]) < 60e9
