"""Bandwidths are measured on arrays of the size that they say."""

from edgekit.benchmarks.profiling import MachinePeaks
from edgekit.benchmarks.profiling.peaks import measure_bandwidths


def test_each_copy_has_a_rate():
    small, large = measure_bandwidths((("cache", 1 << 14, 20), ("memory", 1 << 20, 2)))
    assert (small.name, small.working_set_bytes) == ("cache", 1 << 14)
    assert (large.name, large.working_set_bytes) == ("memory", 1 << 20)
    for peak in (small, large):
        assert peak.rate.value == max(peak.rate.samples)
        # Between a microcontroller's and beyond any processor's.
        assert 1e6 < peak.rate.value < 1e14
        assert peak.rate.unit == "bytes/s"


def test_json_comes_back(profile):
    assert MachinePeaks.from_json(profile.peaks.to_json()) == profile.peaks
