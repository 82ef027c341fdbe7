"""Build the MLPerf Tiny networks and compare them with the benchmark's own int8 models.

Needs the folder of test data (``EDGEKIT_TEST_DATA``) with ``kws_dscnn.onnx``,
``ic_resnet8.onnx``, ``ad_autoencoder.onnx``, the ``*_ref_int8.tflite`` and ``kws_eval.npz``.
KWS calibrates on the first 100 samples and is scored on the other 900. For the other two
there are no labelled samples: they get the inputs of `tiny_inputs.py`, and their figure is the
SQNR of the int8 outputs against onnxruntime.

    python benchmarks/figures/mlperf_tiny.py --json OUT
"""

import argparse
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tiny_inputs import machine_sounds, pictures

from edgekit.build_options import BuildOptions
from edgekit.building import BuildResult, build
from edgekit.converters.parity import Thresholds
from edgekit.converters.request import CalibrationMethod
from edgekit.runtime.interpreter import Kernels, open_interpreter
from edgekit.runtime.quantization import quantize

DEVICE = "nucleo-l4r5zi"


@dataclass(frozen=True, slots=True)
class Request:
    """Which engine, and how it shall choose ranges."""

    engine: str
    method: CalibrationMethod = CalibrationMethod.MIN_MAX


def main() -> None:
    """Build the three and print one line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--engine", default=BuildOptions().engine)
    arguments = parser.parse_args()
    data = Path(os.environ.get("EDGEKIT_TEST_DATA", "../shared/data"))
    with tempfile.TemporaryDirectory() as scratch:
        rows = measure(data, Path(scratch), Request(arguments.engine))
    for row in rows:
        print(json.dumps(row))
    arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


def measure(data: Path, scratch: Path, request: Request) -> list[dict[str, object]]:
    """Build the three networks and return what was measured of each."""
    return [_kws(data, scratch, request), *_unlabelled(data, scratch, request)]


def _kws(data: Path, scratch: Path, request: Request) -> dict[str, object]:
    others = f"{data}/kws_eval.npz[100:]"
    options = BuildOptions(
        devices=(DEVICE,),
        engine=request.engine,
        calibration_method=request.method,
        calibration_data=f"{data}/kws_eval.npz[:100]",
        evaluation_data=others,
        labels=others,
    )
    result = build(data / "kws_dscnn.onnx", scratch / "kws.edgekit", options)
    metric = result.parity.metric
    assert metric is not None
    with np.load(data / "kws_eval.npz") as archive:
        samples, labels = archive["x"][100:], archive["y"][100:]
    return {
        **_common("kws", result),
        "top1_source": metric.source,
        "top1_int8": metric.final_model,
        "top1_reference_int8": _reference_top1(data / "kws_ref_int8.tflite", samples, labels),
        "scored_samples": metric.count,
    }


def _reference_top1(path: Path, samples: np.ndarray, labels: np.ndarray) -> float:
    """Score the benchmark's own model on the same samples with the same kernels."""
    interpreter, _ = open_interpreter(path.read_bytes(), kernels=Kernels.BUILTIN)
    (given,), (result,) = interpreter.get_input_details(), interpreter.get_output_details()
    scale, zero_point = given["quantization"]
    hits = 0
    for sample, label in zip(samples, labels, strict=True):
        value = quantize(sample.reshape(given["shape"]), given["dtype"], scale, zero_point)
        interpreter.set_tensor(given["index"], value)
        interpreter.invoke()
        hits += int(np.argmax(interpreter.get_tensor(result["index"]))) == int(label)
    return 100.0 * hits / len(labels)


def _unlabelled(data: Path, scratch: Path, request: Request) -> list[dict[str, object]]:
    inputs = {"ic_resnet8": pictures(200), "ad_autoencoder": machine_sounds(200)}
    rows = []
    for name, array in inputs.items():
        np.savez(scratch / f"{name}.npz", x=array)
        options = BuildOptions(
            devices=(DEVICE,),
            engine=request.engine,
            calibration_method=request.method,
            calibration_data=f"{scratch}/{name}.npz[:100]",
            evaluation_data=f"{scratch}/{name}.npz[100:]",
            thresholds=Thresholds(min_sqnr_db=5.0),
        )
        result = build(data / f"{name}.onnx", scratch / f"{name}.edgekit", options)
        rows.append(_common(name, result))
    return rows


def _common(name: str, result: BuildResult) -> dict[str, object]:
    (output,) = result.parity.outputs
    (given,), (made,) = result.manifest.inputs, result.manifest.outputs
    return {
        "network": name,
        "provenance": "measured",
        "input": given.dtype,
        "output": made.dtype,
        "contract_violations": len(result.waived),
        "float_sqnr_db": round(output.float_model.decibels, 1),
        "int8_sqnr_db": round(output.final_model.decibels, 1),
        "cosine": round(output.final_model.cosine, 5),
    }


if __name__ == "__main__":
    main()
