"""Weights in the final model beside those of the float model: codes, and what they stand for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.compression.outcome import Outcome
from edgekit.converters.graph import DataType, Tensor, read_graph
from edgekit.converters.graph.four_bits import unpack_int4
from edgekit.converters.quantize.parameters import real_values
from edgekit.converters.quantize.value_grids import distinct

__all__ = ["Counts", "StoredWeights", "codes_of", "stored_weights"]

_ROUNDINGS = 8 * 2.0**-24  # of float32: of the value, of its scale, of their product


@dataclass(frozen=True, slots=True)
class StoredWeights:
    """A constant of the final model, and the one of the float model that it was made of.

    Attributes:
        tensor: Of the final model.
        codes: What is stored, integers or floats.
        reals: What that stands for.
        wanted: What it is in the float model.
    """

    tensor: Tensor
    codes: npt.NDArray[Any] = field(repr=False)
    reals: npt.NDArray[np.float64] = field(repr=False)
    wanted: npt.NDArray[np.float32] = field(repr=False)

    @property
    def is_exact(self) -> bool:
        """Whether every weight is the float model's, up to the rounding of float32."""
        return bool(np.all(np.abs(self.reals - self.wanted) <= _ROUNDINGS * np.abs(self.wanted)))

    @property
    def largest_rounding(self) -> float:
        """By how much a weight is off at most, as a share of the largest weight."""
        largest = float(np.max(np.abs(self.wanted), initial=0.0))
        return float(np.max(np.abs(self.reals - self.wanted))) / largest if largest else 0.0

    @property
    def distinct_codes(self) -> int:
        """How many codes the tensor uses."""
        return len(np.unique(self.codes))

    @property
    def distinct_codes_of_channel(self) -> int:
        """How many codes the channel uses that uses most; a channel is what can have a scale."""
        axis = self.tensor.quantization.axis if self.tensor.quantization else 0
        return max(len(np.unique(row)) for row in np.moveaxis(self.codes, axis, 0))

    def counts(self) -> list["Counts"]:
        """Return what is counted under each scale, over all channels that have it."""
        quantization = self.tensor.quantization
        if quantization is None or not quantization.is_per_channel:
            return [_counted(self.wanted, self.codes)]
        scales = np.array(quantization.scales)
        wanted, codes = (
            np.moveaxis(item, quantization.axis, 0) for item in (self.wanted, self.codes)
        )
        return [
            _counted(wanted[scales == scale], codes[scales == scale]) for scale in np.unique(scales)
        ]


@dataclass(frozen=True, slots=True)
class Counts:
    """Of weights under one scale.

    Attributes:
        values: How many they are.
        codes: How many integers stand for them.
        pairs: How many pairs of value and code there are: more than values where one value has
            several codes.
    """

    values: int
    codes: int
    pairs: int


def _counted(wanted: npt.NDArray[np.float32], codes: npt.NDArray[Any]) -> Counts:
    values = distinct(wanted)
    middles = (values[1:] + values[:-1]) / 2
    places = np.searchsorted(middles, wanted.reshape(-1).astype(np.float64))
    found, numbers = np.unique(codes, return_inverse=True)
    pairs = np.unique(places * len(found) + numbers.reshape(-1))
    return Counts(len(values), len(found), len(pairs))


def codes_of(tensor: Tensor) -> npt.NDArray[Any] | None:
    """Return what a constant stores, in its shape; None for types that NumPy lacks."""
    if tensor.data is None:
        return None
    if tensor.dtype is DataType.INT4:
        return unpack_int4(tensor.data, tensor.shape)
    if tensor.dtype.numpy is None:
        return None
    return np.frombuffer(tensor.data, tensor.dtype.numpy).reshape(tensor.shape)


def stored_weights(name: str, outcome: Outcome) -> tuple[StoredWeights, ...] | None:
    """Return what the final model stores for a tensor of the source.

    Returns:
        None where a constant has no counterpart of its name and shape in the float model.
    """
    floats = _float_constants(outcome.lowered.tflite)
    found = []
    for tensor in outcome.constants_from(name):
        origin, codes = floats.get(tensor.name), codes_of(tensor)
        if origin is None or origin.shape != tensor.shape or codes is None:
            return None
        wanted = codes_of(origin)
        assert wanted is not None
        reals = codes.astype(np.float64)
        if tensor.quantization is not None:
            reals = real_values(codes, tensor.quantization)
        found.append(StoredWeights(tensor, codes, reals, wanted))
    return tuple(found)


@lru_cache(maxsize=1)
def _float_constants(tflite: bytes) -> Mapping[str, Tensor]:
    """Return the constants of the float model, which all findings of a build ask for."""
    tensors = read_graph(tflite).main.tensors
    return {item.name: item for item in tensors if item.is_constant}
