"""What every source becomes: a float graph with fixed shapes, and a way to run it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from edgekit.converters.finding import CompressionFinding
from edgekit.converters.trained_grid import TrainedGrid
from edgekit.errors import EdgekitError
from edgekit.files import sha256_bytes

__all__ = [
    "Reference",
    "Sample",
    "SourceError",
    "SourceFormat",
    "SourceModel",
    "SourceTensor",
    "first_line",
    "probe_sample",
]

Sample = Mapping[str, npt.NDArray[Any]]


class SourceError(EdgekitError):
    """A model that cannot be taken as it is: unreadable, dynamic, or of an unknown kind."""


@dataclass(frozen=True, slots=True)
class SourceTensor:
    """An input or output of the source model, batch included.

    Attributes:
        name: Its name in the source.
        dtype: NumPy name of its type.
        shape: Fixed shape, in the source's layout.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]


class Reference(Protocol):
    """Runs the source itself: what every later stage is compared with."""

    name: str

    def run(self, sample: Sample) -> dict[str, npt.NDArray[Any]]:
        """Return every output by name for one sample (input name -> array)."""
        ...


class SourceFormat(StrEnum):
    """What a canonical model is written in."""

    ONNX = "onnx"  # channels first; what torch sources become as well
    TFLITE = "tflite"  # channels last, and in the vocabulary that engines lower to


@dataclass(frozen=True, slots=True)
class SourceModel:
    """A source ready to be lowered.

    Attributes:
        kind: ``onnx``, ``tflite``, ``torch-module``, ``exported-program`` or ``python-file``.
        name: File name or class name, without folders.
        content: The canonical model, serialized: fixed shapes, real inputs only.
        inputs: In the source's order.
        outputs: In the source's order.
        reference: Runs the source (torch for torch sources, onnxruntime for ONNX, LiteRT for
            TFLite).
        notices: What was decided for the user, one sentence each.
        format: What ``content`` is written in.
        findings: What compression left and opening it found: it is not in ``content`` any more.
        declared: Tensor name -> what the tool that compressed it says of it, in words.
        trained: Tensor name -> the grid that training chose for it; ``content`` computes without.
        float_reference: Runs ``content``, where that is not what ``reference`` runs; None where
            the two compute the same.
    """

    kind: str
    name: str
    content: bytes = field(repr=False)
    inputs: tuple[SourceTensor, ...]
    outputs: tuple[SourceTensor, ...]
    reference: Reference = field(repr=False)
    notices: tuple[str, ...] = ()
    format: SourceFormat = SourceFormat.ONNX
    findings: tuple[CompressionFinding, ...] = ()
    declared: Mapping[str, str] = field(default_factory=dict, repr=False)
    trained: Mapping[str, TrainedGrid] = field(default_factory=dict, repr=False)
    float_reference: Reference | None = field(default=None, repr=False)

    @property
    def truth(self) -> Reference:
        """What the float model has to compute."""
        return self.float_reference or self.reference

    @property
    def sha256(self) -> str:
        """Hash of the canonical model."""
        return sha256_bytes(self.content)


def first_line(error: BaseException) -> str:
    """Return the first line of what another package's error says, or its type."""
    text = str(error).strip()
    return text.splitlines()[0][:300] if text else type(error).__name__


def probe_sample(
    inputs: tuple[SourceTensor, ...], seed: int = 0, *, positive: bool = False
) -> dict[str, npt.NDArray[Any]]:
    """Return a seeded sample that any model accepts: normal floats, integers 0 and 1.

    It serves to learn output shapes and to prove a lowering right, where values need to be
    generic but not natural.

    Args:
        inputs: What the model takes.
        seed: Of the random numbers.
        positive: Take the floats' magnitudes, for models that are undefined below zero.
    """
    generator = np.random.default_rng(seed)
    sample: dict[str, npt.NDArray[Any]] = {}
    for tensor in inputs:
        dtype = np.dtype(tensor.dtype)
        if dtype.kind == "f":
            values = generator.standard_normal(tensor.shape)
            sample[tensor.name] = np.asarray(np.abs(values) if positive else values, dtype)
        else:
            sample[tensor.name] = np.asarray(generator.integers(0, 2, tensor.shape), dtype)
    return sample
