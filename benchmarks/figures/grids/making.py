"""MLPerf Tiny's networks, quantized to pairs of QuantizeLinear and DequantizeLinear."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

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
    """Return inputs ``[count, 1, ...]``: the benchmark's own for kws, seeded ones for the others.

    The data folder has no pictures and no sounds of machines; the smooth inputs in their place are
    made as `mlperf_tiny.py` makes them.
    """
    if network == "kws":
        given: Arrays = np.load(data / "kws_eval.npz")["x"][:count, None].astype(np.float32)
        return given
    generator = np.random.default_rng(0)
    if network == "ad":
        walks = np.cumsum(generator.normal(0, 0.3, (count, 1, 640)), axis=-1)
        return walks.astype(np.float32)
    coarse = generator.uniform(0, 255, (count, 1, 3, 8, 8))
    pictures = np.kron(coarse, np.ones((4, 4))) + generator.normal(0, 8, (count, 1, 3, 32, 32))
    return np.clip(pictures, 0, 255).astype(np.float32)
