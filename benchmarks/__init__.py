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
from edgekit.benchmarks.observing import Instant, RunObserver
from edgekit.benchmarks.options import BenchmarkOptions
from edgekit.benchmarks.result import BenchmarkResult
from edgekit.benchmarks.runner import InterruptedBenchmark, benchmark
from edgekit.benchmarks.system_state import SystemState, ThermalZone, capture_state
from edgekit.benchmarks.target import Inputs, Session, Target
from edgekit.benchmarks.targets import open_target, target_names
from edgekit.benchmarks.window import Window

__all__ = [
    "BenchmarkOptions",
    "BenchmarkResult",
    "Environment",
    "HostTarget",
    "Inputs",
    "Instant",
    "InterruptedBenchmark",
    "InvalidOptionError",
    "Measurement",
    "MeasurementError",
    "Provenance",
    "ResultFormatError",
    "RunObserver",
    "Session",
    "SystemState",
    "Target",
    "TargetError",
    "ThermalZone",
    "Window",
    "benchmark",
    "capture_environment",
    "capture_state",
    "open_target",
    "random_inputs",
    "target_names",
]
