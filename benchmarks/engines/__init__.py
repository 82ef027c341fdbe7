"""The same model by several engines, on the same inputs, with their outputs compared."""

from edgekit.benchmarks.engines.case import EngineCase
from edgekit.benchmarks.engines.checking import OutputCheck
from edgekit.benchmarks.engines.engine import (
    EngineDescription,
    EngineSession,
    Form,
    InferenceEngine,
)
from edgekit.benchmarks.engines.errors import EngineFailedError, EngineUnavailableError
from edgekit.benchmarks.engines.measuring import measure_engines
from edgekit.benchmarks.engines.options import EngineOptions
from edgekit.benchmarks.engines.registry import ENTRY_POINT_GROUP, engine_names, open_engine
from edgekit.benchmarks.engines.row import Block, EngineRow
from edgekit.benchmarks.engines.table import EngineTable

__all__ = [
    "ENTRY_POINT_GROUP",
    "Block",
    "EngineCase",
    "EngineDescription",
    "EngineFailedError",
    "EngineOptions",
    "EngineRow",
    "EngineSession",
    "EngineTable",
    "EngineUnavailableError",
    "Form",
    "InferenceEngine",
    "OutputCheck",
    "engine_names",
    "measure_engines",
    "open_engine",
]
