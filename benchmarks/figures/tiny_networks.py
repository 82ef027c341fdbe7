"""MLPerf Tiny's networks as torch modules with the published weights, and as bundles.

The weights come from the ONNX files of the folder of test data (``EDGEKIT_TEST_DATA``); the
modules are written out, so that torch runs them as it runs any network. Reference: Banbury et al.,
"MLPerf Tiny Benchmark" (NeurIPS Datasets and Benchmarks, 2021).
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from tiny_inputs import keywords, machine_sounds, pictures
from torch import nn

from edgekit.build_options import BuildOptions
from edgekit.building import build
from edgekit.bundle import Bundle
from edgekit.converters.parity import Thresholds
from edgekit.runtime.inputs import encode

__all__ = ["NETWORKS", "Network", "build_bundle", "data_folder", "raw_samples"]

CALIBRATION = 100
_SOURCE = """
import sys

sys.path.insert(0, {figures!r})
import torch
from tiny_networks import NETWORKS

def get_model():
    return NETWORKS[{name!r}].module({path!r})

def get_args():
    return (torch.zeros({shape!r}),)
"""


class _Onnx:
    """The weights of an ONNX file, layer by layer in the order of its nodes."""

    def __init__(self, path: str | Path) -> None:
        graph = onnx.load(path).graph
        self._values = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
        self._nodes = graph.node

    def layers(self, kind: str) -> list[nn.Module]:
        """Return every convolution or dense layer as a module."""
        make = {"Conv": self._conv, "Gemm": self._dense}[kind]
        return [make(node) for node in self._nodes if node.op_type == kind]

    def values(self, kind: str) -> list[torch.Tensor]:
        """Return the constant that each node of a kind takes."""
        return [
            torch.from_numpy(self._values[node.input[1]].copy())
            for node in self._nodes
            if node.op_type == kind and node.input[1] in self._values
        ]

    def _conv(self, node: Any) -> nn.Module:
        options = {item.name: onnx.helper.get_attribute_value(item) for item in node.attribute}
        weights, bias = (torch.from_numpy(self._values[name].copy()) for name in node.input[1:])
        top, left, bottom, right = options["pads"]
        even = top == bottom and left == right
        conv = nn.Conv2d(
            weights.shape[1] * options["group"],
            weights.shape[0],
            tuple(options["kernel_shape"]),
            tuple(options["strides"]),
            (top, left) if even else 0,
            groups=options["group"],
        )
        conv.weight.data, conv.bias.data = weights, bias
        return conv if even else nn.Sequential(nn.ZeroPad2d((left, right, top, bottom)), conv)

    def _dense(self, node: Any) -> nn.Linear:
        weights, bias = (torch.from_numpy(self._values[name].copy()) for name in node.input[1:])
        layer = nn.Linear(*weights.shape)
        layer.weight.data, layer.bias.data = weights.T.contiguous(), bias
        return layer


def keyword_network(path: str | Path) -> nn.Module:
    """Return the DS-CNN of keyword spotting."""
    file = _Onnx(path)
    layers = [part for conv in file.layers("Conv") for part in (conv, nn.ReLU())]
    return nn.Sequential(
        *layers, nn.AvgPool2d((25, 5)), nn.Flatten(), *file.layers("Gemm"), nn.Softmax(-1)
    )


class _Block(nn.Module):
    """Two convolutions beside a shortcut."""

    def __init__(self, first: nn.Module, second: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.first, self.second, self.shortcut = first, second, shortcut

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.shortcut(x) + self.second(torch.relu(self.first(x))))


def picture_network(path: str | Path) -> nn.Module:
    """Return the ResNet-8 of image classification."""
    file = _Onnx(path)
    stem, one, two, third_shortcut, three, four, fifth_shortcut, five, six = file.layers("Conv")
    return nn.Sequential(
        *(stem, nn.ReLU(), _Block(one, two, nn.Identity())),
        *(_Block(three, four, third_shortcut), _Block(five, six, fifth_shortcut)),
        *(nn.AvgPool2d(8), nn.Flatten(), *file.layers("Gemm"), nn.Softmax(-1)),
    )


def sound_network(path: str | Path) -> nn.Module:
    """Return the autoencoder of anomaly detection, its normalisations folded into the layers."""
    file = _Onnx(path)
    *inner, last = file.layers("Gemm")
    layers: list[nn.Module] = []
    for layer, scale, offset in zip(inner, file.values("Mul"), file.values("Add"), strict=True):
        assert isinstance(layer, nn.Linear)
        layer.weight.data *= scale[:, None]
        layer.bias.data = layer.bias.data * scale + offset
        layers += [layer, nn.ReLU()]
    return nn.Sequential(*layers, last)


@dataclass(frozen=True, slots=True)
class Network:
    """One of the networks.

    Attributes:
        file: Its ONNX file in the folder of test data.
        shape: Of its input.
        module: Makes the torch module from the file's path.
        samples: Makes so many inputs, given the folder.
    """

    file: str
    shape: tuple[int, ...]
    module: Callable[[str | Path], nn.Module]
    samples: Callable[[int, Path], npt.NDArray[np.float32]]


NETWORKS = {
    "kws": Network("kws_dscnn.onnx", (1, 1, 49, 10), keyword_network, keywords),
    "ic": Network(
        "ic_resnet8.onnx", (1, 3, 32, 32), picture_network, lambda count, _: pictures(count)
    ),
    "ad": Network(
        "ad_autoencoder.onnx", (1, 640), sound_network, lambda count, _: machine_sounds(count)
    ),
}


def data_folder() -> Path:
    """Return the folder of test data."""
    return Path(os.environ.get("EDGEKIT_TEST_DATA", "../shared/data")).resolve()


def build_bundle(name: str, scratch: Path, held_out: int) -> tuple[Bundle, Path]:
    """Build a network's bundle from its torch module; return it with its source.

    Args:
        name: In `NETWORKS`.
        scratch: Where both are written.
        held_out: How many samples prove parity, after those that calibrate.
    """
    network, data = NETWORKS[name], data_folder()
    source = scratch / f"{name}.py"
    source.write_text(
        _SOURCE.format(
            figures=str(Path(__file__).parent),
            name=name,
            path=str(data / network.file),
            shape=network.shape,
        )
    )
    samples = scratch / f"{name}.npz"
    np.savez(samples, x=network.samples(CALIBRATION + held_out, data))
    options = BuildOptions(
        devices=("raspberry-pi-4b",),
        calibration_data=f"{samples}[:{CALIBRATION}]",
        evaluation_data=f"{samples}[{CALIBRATION}:]",
        thresholds=Thresholds(min_sqnr_db=5.0),
    )
    build(source, scratch / f"{name}.edgekit", options)
    return Bundle.open(scratch / f"{name}.edgekit"), source


def raw_samples(name: str, bundle: Bundle, count: int) -> list[dict[str, npt.NDArray[Any]]]:
    """Return the held-out samples as the raw arrays that the bundle takes."""
    (spec,) = bundle.manifest.inputs
    values = NETWORKS[name].samples(CALIBRATION + count, data_folder())[CALIBRATION:]
    return [{spec.name: encode(spec, item.reshape(spec.source_shape), "source")} for item in values]
