"""What every engine is given: one model in the forms that there are, and the same inputs."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.benchmarks.target import Inputs
from edgekit.bundle import TensorSpec
from edgekit.runtime import dequantize

__all__ = ["EngineCase", "real_values"]


@dataclass(frozen=True, slots=True)
class EngineCase:
    """One model and the inputs that it is run on.

    Attributes:
        name: What the model is called.
        model: The bundle's ``model.tflite``.
        inputs: In the order of the source model.
        outputs: In the order of the source model.
        samples: Raw arrays by the names of the inputs, as ``model`` takes them.
        threads: How many threads one inference may use.
        onnx: The source as ONNX in float, None where there is none.
        onnx_qdq: The source as ONNX with QuantizeLinear and DequantizeLinear, None where it has
            to be made of ``onnx``.
        torch_file: The source as a ``.py`` or ``.pt2``, None where there is none.
    """

    name: str
    model: bytes = field(repr=False)
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    samples: tuple[Inputs, ...] = field(repr=False)
    threads: int = 1
    onnx: bytes | None = field(default=None, repr=False)
    onnx_qdq: bytes | None = field(default=None, repr=False)
    torch_file: Path | None = None

    def source_samples(self) -> tuple[Inputs, ...]:
        """Return the samples as the source model takes them: real values, in its axes and types.

        What stands behind a raw integer is a float32 number, so that every engine gets exactly
        the same inputs.
        """
        return tuple(
            {
                spec.name: real_values(spec, sample[spec.name]).astype(spec.source_dtype)
                for spec in self.inputs
            }
            for sample in self.samples
        )


def real_values(spec: TensorSpec, raw: NDArray[Any]) -> NDArray[Any]:
    """Return what raw values of a tensor stand for, in the axes of the source model."""
    values = raw if spec.scale is None else dequantize(raw, spec.scale, spec.zero_point or 0)
    return np.ascontiguousarray(values.transpose(np.argsort(spec.axes)))
