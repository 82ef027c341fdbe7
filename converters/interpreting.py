"""Run a TFLite model on samples in the source's layout, outputs or every tensor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.interface import Interface
from edgekit.converters.sources.base import Sample, first_line
from edgekit.runtime.errors import InterpreterError
from edgekit.runtime.interpreter import Backend, Kernels, open_interpreter
from edgekit.runtime.quantization import dequantize, quantize

__all__ = ["Arrays", "TfliteRunner"]

Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class _Slot:
    index: int
    dtype: np.dtype[Any]
    scale: float | None
    zero_point: int


class TfliteRunner:
    """A TFLite model that takes and gives real values, whatever its integer types.

    Args:
        content: The model.
        inputs: Names and axes of its inputs.
        outputs: Names of its outputs.
        kernels: Which kernels compute.
        keep_inner: Keep inner tensors readable; slower and larger.
    """

    def __init__(
        self,
        content: bytes,
        inputs: Sequence[Interface],
        outputs: Sequence[Interface],
        *,
        kernels: Kernels = Kernels.BUILTIN,
        keep_inner: bool = False,
    ) -> None:
        self.backend: Backend
        self._interpreter, self.backend = open_interpreter(
            content, kernels=kernels, preserve_all_tensors=keep_inner
        )
        self._inputs = {item.name: item for item in inputs}
        self._feeds = _slots(self._interpreter.get_input_details())
        slots = _slots(self._interpreter.get_output_details())
        self._outputs = {item.name: slots[item.name] for item in outputs}

    def run(self, sample: Sample) -> Arrays:
        """Return every output by name, dequantized, in the model's axes.

        Raises:
            InterpreterError: An operator refused its input.
        """
        for name, slot in self._feeds.items():
            value = np.transpose(sample[name], self._inputs[name].axes)
            if slot.scale is not None:
                value = quantize(value, slot.dtype, slot.scale, slot.zero_point)
            # Not ascontiguousarray, which makes a vector of a scalar.
            self._interpreter.set_tensor(slot.index, np.asarray(value, slot.dtype, order="C"))
        try:
            self._interpreter.invoke()
        except (RuntimeError, ValueError) as error:
            raise InterpreterError(
                f"{self.backend} failed while running the model",
                first_line(error),
                hint="check that the samples are values that the model was made for",
            ) from error
        return {name: self._read(slot) for name, slot in self._outputs.items()}

    def inner_tensors(self, names: Mapping[str, int]) -> Arrays:
        """Return tensors of the last run by name, dequantized.

        Args:
            names: Tensor name -> index in the main subgraph.
        """
        details = {item["index"]: item for item in self._interpreter.get_tensor_details()}
        values: Arrays = {}
        for name, index in names.items():
            if index not in details:
                continue
            try:
                values[name] = self._read(_slot(details[index]))
            except ValueError:
                continue  # a tensor without data: a handle, or never allocated
        return values

    def _read(self, slot: _Slot) -> npt.NDArray[Any]:
        value: npt.NDArray[Any] = self._interpreter.get_tensor(slot.index)
        if slot.scale is None:
            return value
        return dequantize(value, slot.scale, slot.zero_point)


def _slots(details: Sequence[dict[str, Any]]) -> dict[str, _Slot]:
    return {item["name"]: _slot(item) for item in details}


def _slot(item: dict[str, Any]) -> _Slot:
    parameters = item["quantization_parameters"]
    dtype = np.dtype(item["dtype"])
    one = len(parameters["scales"]) == 1 and dtype.name in ("int8", "uint8", "int16")
    return _Slot(
        index=item["index"],
        dtype=dtype,
        scale=float(parameters["scales"][0]) if one else None,
        zero_point=int(parameters["zero_points"][0]) if one else 0,
    )
