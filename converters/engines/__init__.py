"""Engines: what turns a source into an integer TFLite model, behind one protocol."""

from edgekit.converters.engines.base import (
    Engine,
    EngineError,
    Interface,
    LoweredModel,
    QuantizationRequest,
)
from edgekit.converters.engines.onnx2tf_engine import Onnx2tfEngine
from edgekit.converters.engines.opening import ENGINE_NAMES, open_engine
from edgekit.converters.engines.own_engine import OwnEngine

__all__ = [
    "ENGINE_NAMES",
    "Engine",
    "EngineError",
    "Interface",
    "LoweredModel",
    "Onnx2tfEngine",
    "OwnEngine",
    "QuantizationRequest",
    "open_engine",
]
