"""A profile that is written by hand, so that what follows from it is known."""

import pytest

from edgekit.benchmarks import Measurement, Provenance, capture_environment
from edgekit.benchmarks.profiling import (
    BandwidthPeak,
    ComputePeak,
    MachinePeaks,
    OperatorProfile,
    PartitionProfile,
    Profile,
    ProfileOptions,
)
from edgekit.runtime import Backend, Kernels


def rate(value, unit):
    return Measurement(value, unit, Provenance.MEASURED, "by hand")


@pytest.fixture
def profile():
    """A convolution and a reshape in one partition, and a dense layer after it."""
    return Profile(
        model="net",
        model_sha256="0" * 64,
        inputs="random, seed 0",
        started_at="2026-01-01T00:00:00+00:00",
        options=ProfileOptions(),
        environment=capture_environment(Backend("ai-edge-litert", "2", Kernels.DEFAULT, 1)),
        operators=(
            OperatorProfile(0, "CONV_2D", "conv", 0, 4000, 200, (3.0, 4.0, 5.0)),
            OperatorProfile(1, "RESHAPE", "flat", 0, 0, 100, (-0.5, -0.1, 0.1)),
            OperatorProfile(2, "FULLY_CONNECTED", "dense", None, 50, 50, (0.5, 0.5, 0.5)),
        ),
        partitions=(PartitionProfile((0, 1), 4000, 150, (3.9, 3.9, 3.9)),),
        call_us=(0.5, 0.5, 0.5),
        whole_us=(5.0, 4.0, 6.0),
        peaks=MachinePeaks(
            (ComputePeak("INT8", "a dense layer", rate(2e9, "MAC/s")),),
            (
                BandwidthPeak("cache", 1024, rate(4e8, "bytes/s")),
                BandwidthPeak("memory", 4096, rate(1e8, "bytes/s")),
            ),
        ),
    )
