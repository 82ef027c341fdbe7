"""Pruned weights: found in the source by their zeros, followed into the final model's integers.

Whether zeros make a model faster is a matter of the runtime. XNNPACK, which LiteRT computes
with, has sparse kernels for 1x1 convolutions in float networks that begin with a 3x3 convolution
of three channels and stride 2 and end with a spatial mean or DEPTH_TO_SPACE; two thirds of the
1x1 weights have to be zero, and the file has to hold them sparsely (DENSIFY).
Source: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/lite/delegates/xnnpack/README.md#sparse-inference
TensorFlow Lite Micro has no sparse kernels. What edgekit writes is dense, so that only channels
that are taken out make it faster.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from edgekit.converters.compression.final_zeros import deflated_bytes, zero_places
from edgekit.converters.compression.outcome import Outcome
from edgekit.converters.compression.registry import examines, judges
from edgekit.converters.compression.weights import Examined
from edgekit.converters.compression.zero_patterns import Zeros, zeros_of
from edgekit.converters.finding import CompressionFinding, Fate, FindingKind, SettledFinding
from edgekit.converters.graph import Tensor, read_graph
from edgekit.converters.removed_channels import ChannelCounts, RemovedChannels

_MICRO = "tflite-micro"


@examines(FindingKind.PRUNED)
def find_pruned(examined: Examined) -> Iterator[CompressionFinding]:
    """Yield the weights with more zeros than chance leaves."""
    for weight in examined.weights:
        zeros = zeros_of(weight)
        if zeros is not None:
            yield CompressionFinding(
                FindingKind.PRUNED, weight.name, _summary(zeros), _figures(zeros)
            )


@judges(FindingKind.PRUNED)
def judge_pruned(finding: CompressionFinding, outcome: Outcome) -> SettledFinding:
    """Count the zeros of the final model, and say what they are worth on the device."""
    final = outcome.constants_from(finding.tensor)
    if not final:
        return _absent(finding, outcome)
    problem = next(filter(None, (_refuted(finding, item, outcome) for item in final)), None)
    if problem:
        return SettledFinding(finding, Fate.LOST, problem)
    proof = f"{_zeros_kept(final, outcome)}; {_sizes(final)}"
    removed = outcome.lowered.removed
    counts = _removed_from(removed, finding.tensor)
    if removed is None or counts is None:
        return SettledFinding(finding, Fate.KEPT, f"{proof}; {_verdict(outcome)}")
    return SettledFinding(finding, Fate.MERGED, f"{_without(removed, counts)}; {proof}")


def _summary(zeros: Zeros) -> str:
    text = f"{zeros.share:.1%} of {zeros.elements} weights are zero"
    if zeros.pattern != "unstructured":
        text += f", {zeros.pattern}"
    for (whole, every), side in ((zeros.output_channels, "out"), (zeros.input_channels, "in")):
        if whole:
            text += f"; {whole} of {every} {side}put channels are wholly zero"
    return text


def _figures(zeros: Zeros) -> dict[str, float | int | str]:
    return {
        "elements": zeros.elements,
        "zeros": zeros.zeros,
        "density": round(1 - zeros.share, 6),
        "pattern": zeros.pattern,
        "output_channels": zeros.output_channels[1],
        "zero_output_channels": zeros.output_channels[0],
        "input_channels": zeros.input_channels[1],
        "zero_input_channels": zeros.input_channels[0],
    }


def _absent(finding: CompressionFinding, outcome: Outcome) -> SettledFinding:
    links = outcome.lowered.links
    if not links:
        proof = "not proved: this engine does not tell which tensors are made from it"
        return SettledFinding(finding, Fate.LOST, proof)
    if any(link.name == finding.tensor for link in links.values()):
        proof = "not proved: the float model has it, the final model under no known name"
        return SettledFinding(finding, Fate.LOST, proof)
    proof = "no output depends on it any more: nothing of it is in the model, whose float outputs "
    return SettledFinding(finding, Fate.MERGED, f"{proof}were proved equal to the source's")


def _refuted(finding: CompressionFinding, final: Tensor, outcome: Outcome) -> str | None:
    """Say which zeros are none any more, None where all are."""
    filled = int(finding.figures["elements"]) - int(finding.figures["zeros"])
    places = zero_places(final)
    now = int((~places).sum())
    if now > filled:
        return (
            f"'{final.name}' has {now} weights that are not zero, the source's {filled}: "
            f"{now - filled} zeros were lost"
        )
    before = _zeros_before(final, outcome)
    if before is not None and (lost := int((before & ~places).sum())):
        return f"{lost} of {int(before.sum())} zeros of '{final.name}' are not zero any more"
    return None


def _zeros_before(final: Tensor, outcome: Outcome) -> npt.NDArray[np.bool_] | None:
    """Return where the float model's constant is zero, where it has the same shape."""
    stored = f"/{final.dtype.lower()}"  # how constants that a DEQUANTIZE restores are called
    tensor = _float_constants(outcome.lowered.tflite).get(final.name.removesuffix(stored))
    return None if tensor is None or tensor.shape != final.shape else zero_places(tensor)


@lru_cache(maxsize=1)
def _float_constants(tflite: bytes) -> Mapping[str, Tensor]:
    """Return the constants of the float model, which all findings of a build ask for."""
    tensors = read_graph(tflite).main.tensors
    return {item.name: item for item in tensors if item.is_constant and item.dtype.numpy}


def _zeros_kept(final: tuple[Tensor, ...], outcome: Outcome) -> str:
    places = [zero_places(item) for item in final]
    zeros, elements = sum(int(item.sum()) for item in places), sum(item.size for item in places)
    placed = all(_zeros_before(item, outcome) is not None for item in final)
    where = "each in its place" if placed else "counted without their places"
    types = "/".join(sorted({item.dtype.lower() for item in final}))
    return f"{zeros} of {elements} {types} weights are zero, {where}"


def _sizes(final: tuple[Tensor, ...]) -> str:
    stored = sum(item.data_bytes for item in final)
    packed = sum(deflated_bytes(item) for item in final)
    return f"{stored} bytes, {packed} compressed in the bundle"


def _removed_from(removed: RemovedChannels | None, name: str) -> ChannelCounts | None:
    return removed.layers.get(name) if removed is not None and removed.accepted else None


def _without(removed: RemovedChannels, counts: ChannelCounts) -> str:
    before, after = removed.macs
    return (
        f"taken out: {_less(counts.outputs)} output and {_less(counts.inputs)} input channels; "
        f"float outputs within {removed.difference:.1e} of their largest value; the model is "
        f"faster on any runtime: {before} MACs became {after}"
    )


def _less(counts: tuple[int, int]) -> str:
    return f"{counts[0] - counts[1]} of {counts[0]}"


def _verdict(outcome: Outcome) -> str:
    """Say why zeros that stay in the file make nothing faster."""
    reasons = []
    runtimes = {device.runtime.name for device in outcome.devices}
    if _MICRO in runtimes:
        reasons.append("TensorFlow Lite Micro has no sparse kernels")
    if runtimes != {_MICRO}:
        computed = (item for item in outcome.final.main.tensors if not item.is_constant)
        reasons.append(
            "XNNPACK's sparse kernels are for float models"
            if any(item.quantization is not None for item in computed)
            else "XNNPACK's sparse kernels want weights stored sparsely, these are dense"
        )
    text = f"no faster: {', and '.join(reasons)}"
    removed = outcome.lowered.removed
    if removed is not None and not removed.accepted:
        text += (
            f"; channels were not taken out, outputs would differ by {removed.difference:.1e} "
            "of their largest value"
        )
    return text
