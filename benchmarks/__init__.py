"""Runs bundles on targets and measures them: raw samples, provenance, and honest spread."""

from edgekit.benchmarks.environment import Environment, capture_environment
from edgekit.benchmarks.errors import (
    InvalidOptionError,
    MeasurementError,
    ResultFormatError,
    TargetError,
)
from edgekit.benchmarks.host import HostTarget
from edgekit.benchmarks.inputs import random_inputs
from edgekit.benchmarks.measurement import Measurement, Provenance
from edgekit.benchmarks.options import BenchmarkOptions
from edgekit.benchmarks.result import BenchmarkResult
from edgekit.benchmarks.runner import benchmark
from edgekit.benchmarks.target import Inputs, Session, Target

__all__ = [
    "BenchmarkOptions",
    "BenchmarkResult",
    "Environment",
    "HostTarget",
    "Inputs",
    "InvalidOptionError",
    "Measurement",
    "MeasurementError",
    "Provenance",
    "ResultFormatError",
    "Session",
    "Target",
    "TargetError",
    "benchmark",
    "capture_environment",
    "random_inputs",
]
