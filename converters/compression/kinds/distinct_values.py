"""Few distinct values: palettes, ternary, binary and binary codes, followed into the codes."""

from collections.abc import Iterator

from edgekit.converters.compression.few_values import FewValues, Form, declared, few_values
from edgekit.converters.compression.outcome import Outcome
from edgekit.converters.compression.registry import examines, judges
from edgekit.converters.compression.stored_weights import StoredWeights, stored_weights
from edgekit.converters.compression.weights import Examined
from edgekit.converters.finding import CompressionFinding, Fate, FindingKind, SettledFinding

_KIND = FindingKind.DISTINCT_VALUES


@examines(_KIND)
def find_distinct_values(examined: Examined) -> Iterator[CompressionFinding]:
    """Yield the weights with few values that are not multiples of a low-bit grid."""
    for weight in examined.weights:
        few = few_values(weight)
        if few is not None and few.form is not Form.UNIFORM:
            figures = {
                "form": str(few.form),
                "owner": "channel" if few.per_channel else "tensor",
                "values": few.values,
                "bits": few.bits,
                "elements": weight.values.size,
                **declared(examined, weight),
            }
            yield CompressionFinding(_KIND, weight.name, _summary(few), figures)


@judges(_KIND)
def judge_distinct_values(finding: CompressionFinding, outcome: Outcome) -> SettledFinding:
    """Count the codes of the final model, and hold what they stand for against the values."""
    stored = stored_weights(finding.tensor, outcome)
    if not stored:
        proof = "not proved: no constant of the final model is made from it alone"
        return SettledFinding(finding, Fate.LOST, proof)
    judged = [_judged(finding, item) for item in stored]
    ranks = list(Fate)
    fate = max((fate for fate, _ in judged), key=ranks.index)
    return SettledFinding(finding, fate, "; ".join(dict.fromkeys(text for _, text in judged)))


def _summary(few: FewValues) -> str:
    counted = f"{few.values} values"
    match few.form:
        case Form.BINARY | Form.TERNARY:
            text = f"{few.form}, with a scale for {few.owner}"
        case Form.BINARY_CODES:
            text = f"binary codes of {few.bits} bits, with {few.bits} scales for {few.owner}"
        case _:
            text = f"a palette of {counted} for {few.owner}, {few.bits} bits"
    return text


def _judged(finding: CompressionFinding, stored: StoredWeights) -> tuple[Fate, str]:
    """Return a tensor's fate, and how it is known."""
    values, elements = int(finding.figures["values"]), stored.codes.size
    by_scale = stored.counts()
    of_tensor = finding.figures["owner"] == "tensor"
    codes = stored.distinct_codes if of_tensor else stored.distinct_codes_of_channel
    counted = f"{values} values, {codes} {stored.tensor.dtype.lower()} codes"
    if any(item.pairs > item.values for item in by_scale):
        return Fate.LOST, f"{counted}: one value became several"
    if codes > values:
        return Fate.REQUANTIZED, f"{counted}: each channel has codes of its own"
    if stored.is_exact:
        return Fate.KEPT, f"{counted}; all {elements} weights stand for their very values"
    rounding = f"rounded by at most {stored.largest_rounding:.2%} of the largest weight"
    together = sum(item.codes < item.values for item in by_scale)
    if together:
        scales = f" under {together} of {len(by_scale)} scales" if len(by_scale) > 1 else ""
        return Fate.REQUANTIZED, f"{counted}: values fell together{scales}, {rounding}"
    return Fate.KEPT, f"{counted}; every value has one of its own, {rounding}"
