"""The compute peak comes from a model that runs and from the kernels that were asked for."""

import pytest

from edgekit.benchmarks.profiling import ProfileOptions
from edgekit.profiling.compute_peak import PEAK_TYPES, measure_compute_peak
from edgekit.runtime import Kernels


@pytest.mark.parametrize("dtype", PEAK_TYPES)
def test_it_is_the_fastest_of_what_was_measured(dtype):
    peak = measure_compute_peak(dtype, ProfileOptions(kernels=Kernels.DEFAULT))
    assert peak.dtype == dtype
    assert peak.rate.value == max(peak.rate.samples) > 0
    assert "million MACs" in peak.model
    assert "default kernels, 1 thread" in peak.rate.method
