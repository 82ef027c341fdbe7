"""Low-bit weights: on a uniform grid of four bits or fewer, followed into INT4 or int8 codes."""

from collections.abc import Iterator

from edgekit.converters.compression.few_values import Form, declared, few_values
from edgekit.converters.compression.outcome import Outcome
from edgekit.converters.compression.registry import examines, judges
from edgekit.converters.compression.stored_weights import StoredWeights, stored_weights
from edgekit.converters.compression.weights import Examined
from edgekit.converters.finding import CompressionFinding, Fate, FindingKind, SettledFinding
from edgekit.converters.graph import DataType

_KIND = FindingKind.LOW_BIT


@examines(_KIND)
def find_low_bit(examined: Examined) -> Iterator[CompressionFinding]:
    """Yield the weights that are multiples of a step, which two to four bits can count."""
    for weight in examined.weights:
        few = few_values(weight)
        if few is not None and few.form is Form.UNIFORM:
            figures = {
                "bits": few.bits,
                "values": few.values,
                "owner": "channel" if few.per_channel else "tensor",
                "elements": weight.values.size,
                **declared(examined, weight),
            }
            summary = f"on a grid of {few.bits} bits, with a step for {few.owner}"
            yield CompressionFinding(_KIND, weight.name, summary, figures)


@judges(_KIND)
def judge_low_bit(finding: CompressionFinding, outcome: Outcome) -> SettledFinding:
    """Hold every weight of the final model against the grid, and say how many bits it takes."""
    stored = stored_weights(finding.tensor, outcome)
    if not stored:
        proof = "not proved: no constant of the final model is made from it alone"
        return SettledFinding(finding, Fate.LOST, proof)
    weights = sum(item.codes.size for item in stored)
    size = sum(item.tensor.data_bytes for item in stored)
    held = "; ".join(dict.fromkeys(_held(item) for item in stored))
    if all(item.is_exact for item in stored):
        proof = f"all {weights} weights stand for their very values; {held}, {size} bytes"
        return SettledFinding(finding, Fate.KEPT, proof)
    rounding = max(item.largest_rounding for item in stored)
    proof = f"rounded by up to {rounding:.2%} of the largest weight; {held}"
    return SettledFinding(finding, Fate.REQUANTIZED, proof)


def _held(stored: StoredWeights) -> str:
    if stored.tensor.dtype is DataType.INT4:
        return "the device stores 4 bits a weight (INT4)"
    return f"the device stores {stored.tensor.dtype.bits} bits a weight"
