"""Sources: ONNX files, torch modules, exported programs and Python files that make them."""

from edgekit.converters.sources.base import (
    Reference,
    Sample,
    SourceError,
    SourceModel,
    SourceTensor,
    probe_sample,
)
from edgekit.converters.sources.opening import open_source

__all__ = [
    "Reference",
    "Sample",
    "SourceError",
    "SourceModel",
    "SourceTensor",
    "open_source",
    "probe_sample",
]
