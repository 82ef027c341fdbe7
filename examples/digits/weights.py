"""Are the zeros that pruning made still zeros in the int8 weights? Read from the model's file."""

from dataclasses import dataclass

import numpy as np
from network import DigitNet

from edgekit.converters.graph import read_graph
from edgekit.runtime import open_interpreter


@dataclass(frozen=True, slots=True)
class LayerWeights:
    """One layer's weights in torch and in the int8 model.

    Attributes:
        layer: What people call it.
        count: How many weights it has.
        nonzero: How many of them are not zero in torch.
        int8_nonzero: How many are not zero in the int8 model; rounding may add zeros.
        revived: How many are zero in torch and not in the int8 model.
    """

    layer: str
    count: int
    nonzero: int
    int8_nonzero: int
    revived: int


def compare_weights(network: DigitNet, tflite: bytes) -> tuple[LayerWeights, ...]:
    """Compare weight by weight; TFLite has the input channels of a convolution last."""
    stored = _int8_weights(tflite)
    found = []
    for (name, layer), int8 in zip(network.weighted().items(), stored, strict=True):
        weights = layer.weight.detach().numpy()
        aligned = np.moveaxis(weights, 1, -1)
        if aligned.shape != int8.shape:
            raise SystemExit(f"{name}: {aligned.shape} in torch, {int8.shape} in the int8 model")
        found.append(
            LayerWeights(
                layer=name,
                count=weights.size,
                nonzero=int(np.count_nonzero(weights)),
                int8_nonzero=int(np.count_nonzero(int8)),
                revived=int(np.count_nonzero(int8[aligned == 0])),
            )
        )
    return tuple(found)


def _int8_weights(tflite: bytes) -> list[np.ndarray]:
    """Return the weights of each convolution and dense layer, in the order they run."""
    interpreter, _ = open_interpreter(tflite)
    return [
        interpreter.get_tensor(operator.inputs[1])
        for operator in read_graph(tflite).main.operators
        if operator.kind in {"CONV_2D", "FULLY_CONNECTED"}
    ]
