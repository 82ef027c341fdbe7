"""Palettized, ternary, binary-coded and 4-bit versions of the KWS network: codes, palettes, sizes.

Needs the folder of test data (``EDGEKIT_TEST_DATA``). Weights are compressed here, without
training: what is measured is what the conversion leaves of them, not how well they were chosen.
k-means with 16 values a tensor; ternary with one scale a tensor (threshold 0.7 of the mean
magnitude); binary codes of 2 to 4 bits by alternating least squares, with scales for each output
channel, but for each tensor in the depthwise layers: nine weights a channel are fewer than what
their own scales would save; 4 bits by rounding to the nearest of 15 steps. Calibrated on the
first 100 samples, scored on the other 900.

    python benchmarks/figures/palettes.py --json docs/figures/palettes.json
"""

import argparse
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from edgekit import BuildOptions, build
from edgekit.bundle import Bundle
from edgekit.converters.compression import read_palettes
from edgekit.converters.compression.stored_weights import codes_of
from edgekit.converters.graph import Tensor, read_graph
from edgekit.converters.parity import Thresholds

Array = npt.NDArray[Any]
_WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
_ROUNDS = 20


def k_means(rows: Array, count: int) -> Array:
    """Return weights of ``count`` values, by Lloyd's algorithm from quantiles."""
    flat = rows.reshape(-1)
    values = np.quantile(flat, (np.arange(count) + 0.5) / count)
    for _ in range(_ROUNDS):
        nearest = np.argmin(np.abs(flat[:, None] - values), axis=1)
        taken = [flat[nearest == index] for index in range(count)]
        pairs = zip(taken, values, strict=True)
        values = np.array([own.mean() if own.size else old for own, old in pairs])
    return values[nearest].reshape(rows.shape)


def ternary(rows: Array) -> Array:
    """Return ``{-a, 0, a}``. Source: F. Li et al., "Ternary Weight Networks", 2016."""
    kept = np.abs(rows) > 0.7 * np.abs(rows).mean()
    return np.sign(rows) * kept * np.abs(rows[kept]).mean()


def binary_codes(rows: Array, bits: int) -> Array:
    """Return sums of scales for each row, by alternating least squares from a greedy start."""
    patterns = np.array(list(product((-1.0, 1.0), repeat=bits)))
    found = np.empty_like(rows, np.float64)
    for index, row in enumerate(rows.astype(np.float64)):
        rest, signs = row.copy(), np.empty((len(row), bits))
        for bit in range(bits):
            signs[:, bit] = np.where(rest >= 0, 1.0, -1.0)
            rest -= signs[:, bit] * np.abs(rest).mean()
        for _ in range(_ROUNDS):
            scales = np.linalg.lstsq(signs, row, rcond=None)[0]
            signs = patterns[np.argmin(np.abs(row[:, None] - patterns @ scales), axis=1)]
        found[index] = signs @ scales
    return found


def four_bits(rows: Array) -> Array:
    """Return multiples from -7 to 7 of one step."""
    step = np.float32(np.abs(rows).max() / 7)
    return np.round(rows / step).astype(np.float32) * step


# Name -> how rows of weights are compressed, and the bits that each weight then has.
VERSIONS: dict[str, tuple[Callable[[Array], Array], int]] = {
    "palette of 16": (lambda rows: k_means(rows, 16), 4),
    "ternary": (ternary, 2),
    "binary codes of 2 bits": (lambda rows: binary_codes(rows, 2), 2),
    "binary codes of 3 bits": (lambda rows: binary_codes(rows, 3), 3),
    "binary codes of 4 bits": (lambda rows: binary_codes(rows, 4), 4),
    "grid of 4 bits": (four_bits, 4),
}


def compressed(model: onnx.ModelProto, compress: Callable[[Array], Array]) -> onnx.ModelProto:
    """Return a copy with other weights of convolutions and dense layers."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    constants = {item.name: item for item in copy.graph.initializer}
    for node in copy.graph.node:
        if node.op_type not in ("Conv", "Gemm"):
            continue
        stored = constants[node.input[1]]
        weights = numpy_helper.to_array(stored)
        turned = node.op_type == "Gemm"
        rows = weights.T if turned else weights.reshape(len(weights), -1)
        depthwise = any(item.name == "group" and item.i > 1 for item in node.attribute)
        new = compress(rows.reshape(1, -1) if depthwise else rows).reshape(rows.shape)
        new = (new.T if turned else new.reshape(weights.shape)).astype(np.float32)
        stored.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(new), stored.name))
    return copy


def measured(path: Path, data: Path, bits: int, *, low_bit: bool) -> dict[str, Any]:
    """Build a bundle and return its figures."""
    target = path.with_suffix(".edgekit")
    result = build(
        path,
        target,
        BuildOptions(
            calibration_data=f"{data / 'kws_eval.npz'}[:100]",
            evaluation_data=f"{data / 'kws_eval.npz'}[100:]",
            labels=f"{data / 'kws_eval.npz'}[100:]",
            thresholds=Thresholds(min_sqnr_db=5, max_drop=100),
            low_bit_weights=low_bit,
        ),
    )
    bundle = Bundle.open(target)
    weights = list(_weights(bundle))
    palettes = read_palettes(bundle.read("palettes.json"), bundle.read("palettes.bin"))
    elements = sum(int(np.prod(item.shape)) for item in weights)
    packed = sum(
        palettes[item.name].size_bytes if item.name in palettes else item.data_bytes
        for item in weights
    )
    top1 = result.parity.metric
    assert top1 is not None
    return {
        "int8_bytes": elements,
        "model_weight_bytes": sum(item.data_bytes for item in weights),
        "palette_bytes": packed,
        "share_of_int8": packed / elements,
        "allowed_share": bits / 8 + 0.05,
        "reproduced": all(
            np.array_equal(palettes[item.name].unpacked(), codes_of(item))
            for item in weights
            if item.name in palettes
        ),
        "fates": {
            str(fate): sum(item.fate is fate for item in result.findings)
            for fate in {item.fate for item in result.findings}
        },
        "proofs": {item.finding.tensor: item.proof for item in result.findings},
        "sqnr_db": result.parity.outputs[0].final_model.sqnr_db,
        "top1_source": top1.source,
        "top1_final": top1.final_model,
        "bundle_model_bytes": len(bundle.model),
    }


def _weights(bundle: Bundle) -> Iterator[Tensor]:
    main = read_graph(bundle.model).main
    for operator in main.operators:
        if operator.kind in _WEIGHTED:
            yield main.tensors[operator.inputs[1]]


def main() -> None:
    """Compress, build and measure each version; print a table and write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, required=True)
    arguments = parser.parse_args()
    data = Path(os.environ.get("EDGEKIT_TEST_DATA", "../shared/data"))
    model = onnx.load(data / "kws_dscnn.onnx")
    rows = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name, (compress, bits) in VERSIONS.items():
            path = Path(scratch) / f"{name.replace(' ', '-')}.onnx"
            onnx.save(compressed(model, compress), path)
            rows[name] = measured(path, data, bits, low_bit=False)
            if name.startswith("grid"):
                rows[f"{name}, INT4"] = measured(path, data, bits, low_bit=True)
    for name, row in rows.items():
        print(
            f"{name:24}{row['palette_bytes']:7} of {row['int8_bytes']} bytes "
            f"({row['share_of_int8']:.1%}, allowed {row['allowed_share']:.1%})  "
            f"{row['sqnr_db']:5.1f} dB  {row['top1_source']:.2f} -> {row['top1_final']:.2f} %  "
            f"{row['fates']}"
        )
    record = {"schema_version": 1, "provenance": "measured", "versions": rows}
    arguments.json.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
