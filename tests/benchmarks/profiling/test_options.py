"""Options refuse what makes no sense, and come back from JSON."""

import pytest

from edgekit.benchmarks import InvalidOptionError
from edgekit.benchmarks.profiling import ProfileOptions
from edgekit.runtime import Kernels


@pytest.mark.parametrize(
    "wrong", [{"rounds": 0}, {"turns": 0}, {"threads": 0}, {"seed": -1}, {"block_seconds": 0}]
)
def test_values_out_of_range_are_refused(wrong):
    with pytest.raises(InvalidOptionError, match=next(iter(wrong))):
        ProfileOptions(**wrong)


def test_json_comes_back():
    options = ProfileOptions(rounds=3, kernels=Kernels.REFERENCE)
    assert ProfileOptions.from_json(options.to_json()) == options
