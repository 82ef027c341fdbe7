"""Calibration and evaluation data: read, declared, checked, and never guessed."""

from edgekit.converters.calibration.checks import (
    MIN_SAMPLES,
    CalibrationWarning,
    WarningCode,
)
from edgekit.converters.calibration.errors import CalibrationError, NoSamplesError
from edgekit.converters.calibration.labels import load_labels
from edgekit.converters.calibration.loading import SOURCE_HELP, load_samples
from edgekit.converters.calibration.samples import Sample, SampleReader, SampleSet, split
from edgekit.converters.calibration.spec import (
    Channels,
    InputDeclaration,
    InputSpec,
    SampleLayout,
)

__all__ = [
    "MIN_SAMPLES",
    "SOURCE_HELP",
    "CalibrationError",
    "CalibrationWarning",
    "Channels",
    "InputDeclaration",
    "InputSpec",
    "NoSamplesError",
    "Sample",
    "SampleLayout",
    "SampleReader",
    "SampleSet",
    "WarningCode",
    "load_labels",
    "load_samples",
    "split",
]
