"""Sources: ONNX and TFLite files, torch modules, exported programs, Python files that make them."""

from edgekit.converters.sources.base import (
    Reference,
    Sample,
    SourceError,
    SourceFormat,
    SourceModel,
    SourceTensor,
    probe_sample,
)
from edgekit.converters.sources.opening import open_source

__all__ = [
    "Reference",
    "Sample",
    "SourceError",
    "SourceFormat",
    "SourceModel",
    "SourceTensor",
    "open_source",
    "probe_sample",
]
