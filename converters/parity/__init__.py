"""Parity: source, float TFLite and final TFLite on the same real samples."""

from edgekit.converters.parity.comparing import compare_models
from edgekit.converters.parity.report import (
    PARITY_VERSION,
    Distance,
    LayerParity,
    Metric,
    OutputParity,
    ParityError,
    ParityReport,
    Thresholds,
    enforce_parity,
    parity_failures,
)

__all__ = [
    "PARITY_VERSION",
    "Distance",
    "LayerParity",
    "Metric",
    "OutputParity",
    "ParityError",
    "ParityReport",
    "Thresholds",
    "compare_models",
    "enforce_parity",
    "parity_failures",
]
