"""How many trained scales survive on the way to TFLite, with us and with others, and how exactly.

MLPerf Tiny's networks are quantized by ``onnxruntime.quantization.quantize_static``, on 100
samples, and converted. Of each are counted, on 200 samples: activation scales with zero points,
and weight tensors, that the TFLite file has bit for bit; the difference of each layer alone from
onnxruntime, on reference kernels; and that of whole models. The same QDQ models go through
onnx2tf as it comes; litert-quantizer's static recipe, which takes TFLite, is given the float
network of the same model.

    python benchmarks/figures/trained_grids.py DATA [--peer PYTHON] [--json OUT] [--only kws]

PYTHON is that of an environment with litert-quantizer (see `architectures_litert_torch.py`).
"""

import argparse
import importlib.metadata
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from grids.making import Variant, samples_of, variants
from grids.nearness import compare_layers, compare_outputs
from grids.surviving import count_survivors, first_failure

from edgekit.converters.cache import Cache
from edgekit.converters.engines.own_engine import OwnEngine
from edgekit.converters.request import QuantizationRequest
from edgekit.converters.sources import open_source

SAMPLES = 200
SECONDS = 600
_PICTURES = "calibration_image_sample_data_20x128x128x3_float32.npy"  # else onnx2tf downloads it
_PACKAGES = ("edgekit", "onnx", "onnxruntime", "ai-edge-litert", "onnx2tf")


def main() -> None:
    """Convert every variant, print a line for each, and write all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="the folder with the networks and samples")
    parser.add_argument("--peer", type=Path, help="python of the environment with litert-quantizer")
    parser.add_argument("--json", type=Path, help="write the record there")
    parser.add_argument("--only", default="", help="part of a variant's name")
    arguments = parser.parse_args()
    rows = []
    for variant in variants():
        if arguments.only in variant.name:
            with tempfile.TemporaryDirectory() as folder:
                rows.append(measure(variant, arguments.data, Path(folder), arguments.peer))
            show(rows[-1])
            if arguments.json:
                versions = {name: importlib.metadata.version(name) for name in _PACKAGES}
                record = {"schema_version": 1, "versions": versions, "rows": rows}
                arguments.json.write_text(json.dumps(record, indent=1) + "\n")


def measure(variant: Variant, data: Path, folder: Path, peer: Path | None) -> dict[str, Any]:
    """Return a row: ours, and for the QDQ form the others'."""
    given = variant.make(data, folder)
    samples = samples_of(variant.network, data, SAMPLES)
    source = open_source(given)
    with OwnEngine(Cache(folder / "cache"), folder / "log") as engine:
        lowered = engine.lower(source)
        tflite = engine.quantize(lowered, QuantizationRequest(), ())
    layers = compare_layers(given, source, lowered, tflite, samples)
    row: dict[str, Any] = {
        "variant": asdict(variant),
        "edgekit": {
            **asdict(count_survivors(given, tflite)),
            "loads": not first_failure(tflite),
            "layers": [asdict(layer) for layer in layers],
            "outputs": [asdict(item) for item in compare_outputs(source, lowered, tflite, samples)],
        },
    }
    if variant.form == "QDQ":
        row["onnx2tf"] = through_onnx2tf(given, folder)
        if peer is not None:
            (folder / "float.tflite").write_bytes(lowered.tflite)
            np.save(folder / "samples.npy", samples[:100])
            row["litert-quantizer"] = through_peer(given, folder, peer)
    return row


def through_onnx2tf(given: Path, folder: Path) -> dict[str, Any]:
    """Convert with onnx2tf as it comes."""
    pictures = np.random.default_rng(0).random((20, 128, 128, 3), dtype=np.float32)
    np.save(folder / _PICTURES, pictures)
    command = [str(Path(sys.executable).with_name("onnx2tf")), "-i", str(given), "-o", "tf", "-n"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=SECONDS, check=False)
    made = sorted((folder / "tf").glob("*_float32.tflite"))
    if not made:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no model"]
        return {**asdict(count_survivors(given, None)), "loads": False, "error": lines[-1][:300]}
    tflite = made[0].read_bytes()
    error = first_failure(tflite)
    return {**asdict(count_survivors(given, tflite)), "loads": not error, "error": error}


def through_peer(given: Path, folder: Path, peer: Path) -> dict[str, Any]:
    """Quantize the float network with litert-quantizer, in its own environment."""
    script = Path(__file__).with_name("trained_grids_peer.py")
    command = [str(peer), str(script), str(folder)]
    done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    made = folder / "peer.tflite"
    if not made.exists():
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no model"]
        return {**asdict(count_survivors(given, None)), "loads": False, "error": lines[-1][:300]}
    tflite = made.read_bytes()
    error = first_failure(tflite)
    return {**asdict(count_survivors(given, tflite)), "loads": not error, "error": error}


def show(row: dict[str, Any]) -> None:
    """Print a row in a few lines."""
    print(Variant(**row["variant"]).name)
    for name in ("edgekit", "onnx2tf", "litert-quantizer"):
        if name in row:
            found = row[name]
            held, weights = ("{} of {}".format(*found[key]) for key in ("activations", "weights"))
            print(f"  {name}: scales {held}, weights {weights}, loads: {found['loads']}", end=" ")
            print(found.get("error", ""))
    layers = row["edgekit"]["layers"]
    plain = [item for item in layers if item["percent"] <= 1.0]
    print(
        f"  {len(plain)} of {len(layers)} layers differ in at most 1 % of bytes, largest "
        f"{max(item['steps'] for item in layers)} step"
    )
    for item in layers:
        if item["percent"] > 1.0:
            print(f"    {item['operators']} '{item['tensor']}': {item['percent']} %")
    for item in row["edgekit"]["outputs"]:
        print(
            f"  {item['kernels']}: top-1 {item['top1_percent']} % "
            f"({item['ties_percent']} % tied), {item['sqnr_db']} dB"
        )
    sys.stdout.flush()


if __name__ == "__main__":
    main()
