"""Where the time of a model goes, operator by operator, against what the machine can do.

`edgekit.profiling` makes profiles: it takes a model's graph apart, which benchmarks may not.
"""

from edgekit.benchmarks.profiling.operator import OperatorProfile, PartitionProfile
from edgekit.benchmarks.profiling.options import ProfileOptions
from edgekit.benchmarks.profiling.peaks import BandwidthPeak, ComputePeak, MachinePeaks
from edgekit.benchmarks.profiling.profile import Profile

__all__ = [
    "BandwidthPeak",
    "ComputePeak",
    "MachinePeaks",
    "OperatorProfile",
    "PartitionProfile",
    "Profile",
    "ProfileOptions",
]
