"""MLPerf Tiny's networks, quantized to pairs of QuantizeLinear and DequantizeLinear."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tiny_inputs import keywords, machine_sounds, pictures

__all__ = ["NETWORKS", "Variant", "samples_of", "variants"]

NETWORKS = {"kws": "kws_dscnn", "ic": "ic_resnet8", "ad": "ad_autoencoder"}
_CALIBRATION = 100
Arrays = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to quantize one network.

    Attributes:
        network: ``kws``, ``ic`` or ``ad``.
        form: ``QDQ`` or ``QOperator``.
        activations: ``QInt8`` or ``QUInt8``.
        per_channel: Whether each output channel has a scale.
    """

    network: str
    form: str
    activations: str
    per_channel: bool

    @property
    def name(self) -> str:
        """How tables call it."""
        channels = "per channel" if self.per_channel else "per tensor"
        return f"{self.network} {self.form} {self.activations} {channels}"

    def make(self, data: Path, folder: Path) -> Path:
        """Quantize the network with onnxruntime's own tools, and return the file."""
        import onnx
        from onnxruntime.quantization import (
            CalibrationDataReader,
            QuantFormat,
            QuantType,
            quantize_static,
        )
        from onnxruntime.quantization.shape_inference import quant_pre_process

        class Reader(CalibrationDataReader):  # type: ignore[misc]  # of a package without types
            def __init__(self, name: str, samples: Arrays) -> None:
                self.left = iter({name: sample} for sample in samples)

            def get_next(self) -> Any:
                return next(self.left, None)

        logging.disable(logging.WARNING)
        source = data / f"{NETWORKS[self.network]}.onnx"
        prepared, made = folder / "prepared.onnx", folder / f"{self.name.replace(' ', '_')}.onnx"
        quant_pre_process(source, prepared)
        name = onnx.load(source).graph.input[0].name
        quantize_static(
            prepared,
            made,
            Reader(name, samples_of(self.network, data, _CALIBRATION)),
            quant_format=QuantFormat[self.form],
            activation_type=QuantType[self.activations],
            weight_type=QuantType.QInt8,
            per_channel=self.per_channel,
        )
        return made


def variants() -> Iterator[Variant]:
    """Yield every way to quantize every network."""
    for form, network, activations, channels in product(
        ("QDQ", "QOperator"), NETWORKS, ("QInt8", "QUInt8"), (True, False)
    ):
        yield Variant(network, form, activations, channels)


def samples_of(network: str, data: Path, count: int) -> Arrays:
    """Return inputs ``[count, 1, ...]`` of a network; see `tiny_inputs.py`."""
    if network == "kws":
        return keywords(count, data)[:, None]
    return (pictures(count) if network == "ic" else machine_sounds(count))[:, None]
