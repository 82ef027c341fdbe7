"""Tensors inside of a source, by their names there."""

from collections.abc import Collection
from typing import Any, Protocol

import numpy.typing as npt

from edgekit.converters.sources.base import Sample, SourceFormat, SourceModel
from edgekit.converters.sources.onnx_reference import OnnxInnerTensors
from edgekit.converters.sources.tflite_reference import TfliteInnerTensors

__all__ = ["InnerTensors", "open_inner_tensors"]


class InnerTensors(Protocol):
    """Runs a canonical source and gives tensors inside of it."""

    def run(self, sample: Sample) -> dict[str, npt.NDArray[Any]]:
        """Return the tensors by name for one sample, in the source's axes."""
        ...


def open_inner_tensors(source: SourceModel, names: Collection[str]) -> InnerTensors:
    """Return what runs a source and gives these of its tensors; absent ones are left out.

    It runs the canonical model: of a torch source, what torch exported.
    """
    if source.format is SourceFormat.TFLITE:
        return TfliteInnerTensors(source.content, source.inputs, names)
    return OnnxInnerTensors(source.content, names)
