"""Engines: what turns a source into an integer TFLite model, behind one protocol."""

from edgekit.converters.engines.base import (
    Engine,
    EngineError,
    Interface,
    LoweredModel,
    QuantizationRequest,
)
from edgekit.converters.engines.opening import ENGINE_NAMES, open_engine

__all__ = [
    "ENGINE_NAMES",
    "Engine",
    "EngineError",
    "Interface",
    "LoweredModel",
    "QuantizationRequest",
    "open_engine",
]
