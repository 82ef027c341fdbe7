"""Engines: what turns a source into an integer TFLite model, behind one protocol."""

from edgekit.converters.engines.base import (
    Engine,
    EngineError,
    Interface,
    LoweredModel,
    QuantizationRequest,
)
from edgekit.converters.engines.onnx2tf_engine import Onnx2tfEngine

__all__ = [
    "Engine",
    "EngineError",
    "Interface",
    "LoweredModel",
    "Onnx2tfEngine",
    "QuantizationRequest",
]
