"""A session is held to its contract."""

import pytest

from edgekit.benchmarks import HostTarget, TargetError
from edgekit.benchmarks.running import run_checked


class Given:
    """A session that returns what it is told to."""

    def __init__(self, latencies):
        self.latencies = latencies

    def run(self, count):
        del count
        return self.latencies


def test_latencies_come_as_an_array():
    assert run_checked(HostTarget(), Given([1, 2.5]), 2).tolist() == [1.0, 2.5]


@pytest.mark.parametrize(
    ("latencies", "why"),
    [
        ([1.0], "it ran 1 inferences instead of 2"),
        ([1.0] * 3, "it ran 3 inferences instead of 2"),
        ([1.0, 0.0], "no positive number"),
        ([1.0, float("nan")], "no positive number"),
        ([1.0, float("inf")], "no positive number"),
    ],
)
def test_what_breaks_the_contract_is_refused(latencies, why):
    with pytest.raises(TargetError, match=why):
        run_checked(HostTarget(), Given(latencies), 2)
