"""Sums, differences and their squares: outputs that the kernels can reach, and masks."""

import numpy as np

from edgekit.converters.graph.builder import Node, Value
from edgekit.converters.quantize.parameters import SENTINEL
from edgekit.converters.quantize.quantizer import Quantizer
from edgekit.converters.quantize.registry import quantizes

# A masked score lies this far below the lowest that is not: e^-8 is less than a tenth of a
# step of an int8 softmax.
_BELOW = 8.0


@quantizes("ADD", "SUB", "SQUARED_DIFFERENCE")
def adds(quantizer: Quantizer, node: Node) -> None:
    """Quantize both inputs; the output's step is not finer than the kernel's arithmetic."""
    if not quantizer.is_int8 and node.kind == "SQUARED_DIFFERENCE":
        quantizer.island(node)
        return
    mask = next((value for value in node.reads() if _is_mask(value)), None)
    if mask is not None and node.kind == "ADD":
        _masked(quantizer, node, mask)
        return
    (output,) = node.outputs
    inputs = [quantizer.integer(value) for value in node.inputs]
    seen = quantizer.range_of(output)
    finest = _finest_step(node.kind, inputs)
    quantizer.become(output, quantizer.activations.parameters(seen.low, seen.high, finest))
    quantizer.keep(node, list(inputs))


def _finest_step(kind: str, inputs: list[Value]) -> float:
    """Return the least scale of an output that the kernels take: they check, and abort.

    Source: `add.cc`, `sub.cc` and `squared_difference.cc` of TensorFlow Lite, which ask for
    ``(2 * largest input scale) ** n / (2 ** (n * left_shift) * output scale) < 1`` with n = 1
    and a left shift of 20 (15 for int16), or n = 2 and a left shift of 7. A factor of 4 is
    kept to spare.
    """
    largest = max(value.quantization.scales[0] for value in inputs if value.quantization)
    if kind == "SQUARED_DIFFERENCE":
        return 4 * (2 * largest) ** 2 / 2**14
    return 4 * 2 * largest / 2**15


def _is_mask(value: Value) -> bool:
    return value.data is not None and bool(np.any(value.data <= -SENTINEL))


def _masked(quantizer: Quantizer, node: Node, mask: Value) -> None:
    """Add a mask: what it hides becomes the lowest value, well below all others."""
    (output,) = node.outputs
    other = next(value for value in node.reads() if value is not mask)
    seen, given = quantizer.range_of(output), quantizer.range_of(other)
    low = min(seen.low, 0.0) - _BELOW
    wanted = quantizer.activations.parameters(low, seen.high)
    assert mask.data is not None
    reach = max(given.high, 0.0) - low
    finite = Value(mask.name, mask.shape, mask.dtype, np.maximum(mask.data, -reach))
    quantizer.become(output, wanted)
    integers = [quantizer.integer(finite if value is mask else value) for value in node.inputs]
    quantizer.keep(node, list(integers))
