"""Runs bundles on the device: NumPy, one TFLite interpreter, and nothing else."""

from edgekit.runtime.errors import (
    ClosedModelError,
    InterfaceError,
    InterpreterError,
    PictureError,
    QuantizationError,
    ValueMismatchError,
)
from edgekit.runtime.inputs import ArrayLayout
from edgekit.runtime.interpreter import Backend, Kernels, available_backends, open_interpreter
from edgekit.runtime.model import Classification, Model
from edgekit.runtime.preprocessing import load_image, normalise
from edgekit.runtime.quantization import dequantize, quantize

__all__ = [
    "ArrayLayout",
    "Backend",
    "Classification",
    "ClosedModelError",
    "InterfaceError",
    "InterpreterError",
    "Kernels",
    "Model",
    "PictureError",
    "QuantizationError",
    "ValueMismatchError",
    "available_backends",
    "dequantize",
    "load_image",
    "normalise",
    "open_interpreter",
    "quantize",
]
