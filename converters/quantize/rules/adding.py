"""Sums, differences and their squares: outputs that the kernels can reach."""

from edgekit.converters.graph.builder import Node, Value
from edgekit.converters.quantize.quantizer import Quantizer
from edgekit.converters.quantize.registry import quantizes


@quantizes("ADD", "SUB", "SQUARED_DIFFERENCE")
def adds(quantizer: Quantizer, node: Node) -> None:
    """Quantize both inputs; the output's step is not finer than the kernel's arithmetic."""
    (output,) = node.outputs
    inputs = [quantizer.integer(value) for value in node.inputs]
    quantizer.become(output, quantizer.observed(output, _finest_step(node.kind, inputs)))
    if not quantizer.is_int8:
        node.options["pot_scale_int16"] = False  # scales are any numbers, not powers of two
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
