"""Run the MLPerf Tiny networks as C on every emulated core, and hold each byte against TFLM.

Needs the folder of test data (``EDGEKIT_TEST_DATA``) with the ``*_ref_int8.tflite``, the
``.onnx`` files and ``kws_eval.npz``, and the tools that docs/emulator.md names. The reference
models are run as they are (``kws``, ``ic``, ``ad``), and the integer models of the bundles that
edgekit builds from the ONNX files (``kws-onnx`` ...). The KWS reference gets the 1,000 samples of
the benchmark, its bundle the first 100, the other two networks the inputs of `tiny_inputs.py`.

    python benchmarks/figures/emulated_boards.py --json docs/figures/emulated_boards.json
"""

import argparse
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray
from tiny_inputs import machine_sounds, pictures

from edgekit.benchmarks.emulator import (
    DeviceMemory,
    build_firmware,
    core_names,
    emulate,
    load_core,
)
from edgekit.build_options import BuildOptions
from edgekit.building import build
from edgekit.bundle import Bundle
from edgekit.converters.c import COptions, Isa, generate_c
from edgekit.converters.parity import Thresholds
from edgekit.runtime.quantization import quantize

MEMORY = DeviceMemory(flash_bytes=2 << 20, ram_bytes=640 << 10)  # of a NUCLEO-L4R5ZI
NETWORKS = {"kws": "kws_dscnn", "ic": "ic_resnet8", "ad": "ad_autoencoder"}
COUNTS = {"kws": 1000, "ic": 8, "ad": 200}
MOST_OF_BUNDLES = 100


@dataclass(frozen=True, slots=True)
class Case:
    """A model, what it is fed, and what TFLM answers."""

    name: str
    model: bytes
    inputs: Sequence[NDArray[np.int8]]
    expected: Sequence[bytes]
    labels: NDArray[np.integer] | None


@dataclass(frozen=True, slots=True)
class Row:
    """What one model did on one core with one set of kernels; all of it is emulated."""

    model: str
    core: str
    isa: str
    samples: int
    identical: int
    instructions: float
    flash_bytes: int
    ram_bytes: int
    arena_bytes: int
    stack_bytes: int
    top_1: float | None
    top_1_tflm: float | None


def main() -> None:
    """Run everything and print one line for each model, core and set of kernels."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--models", nargs="+", default=list(NETWORKS), choices=list(NETWORKS))
    parser.add_argument("--cores", nargs="+", default=list(core_names()), choices=core_names())
    parser.add_argument("--samples", type=int, help="at most so many of each model")
    arguments = parser.parse_args()
    data = Path(os.environ.get("EDGEKIT_TEST_DATA", "../shared/data"))
    rows = []
    for item in cases(data, arguments.models, arguments.samples):
        for core in arguments.cores:
            for isa in isas(core):
                rows.append(run(item, core, isa))
                print(json.dumps(asdict(rows[-1])), flush=True)
    if arguments.json:
        text = json.dumps([asdict(row) for row in rows], indent=1)
        arguments.json.write_text(f"{text}\n")
    if any(row.identical != row.samples for row in rows):
        raise SystemExit("some outputs are not those of TensorFlow Lite Micro")


def isas(core: str) -> tuple[Isa, ...]:
    """Return what kernels a core can run, the fastest first."""
    if core == "cortex-m55":
        return Isa.MVE.and_simpler
    return (
        Isa.DSP.and_simpler if core in {"cortex-m4", "cortex-m7", "cortex-m33"} else (Isa.PORTABLE,)
    )


def cases(data: Path, names: Sequence[str], limit: int | None) -> Iterator[Case]:
    """Yield the reference models, and those that edgekit builds from the ONNX files."""
    for name in names:
        count = min(COUNTS[name], limit or COUNTS[name])
        yield reference(name, data, count)
        with tempfile.TemporaryDirectory() as scratch:
            model = _built(name, data, Path(scratch))
        yield _fed(f"{name}-onnx", model, data, min(count, MOST_OF_BUNDLES))


def reference(name: str, data: Path, count: int) -> Case:
    """Return a reference model with its inputs."""
    return _fed(name, (data / f"{name}_ref_int8.tflite").read_bytes(), data, count)


def case(
    name: str,
    model: bytes,
    raw: NDArray[np.int8],
    labels: NDArray[np.integer] | None = None,
) -> Case:
    """Return a case with what TensorFlow Lite Micro answers to each raw input."""
    from tflite_micro import runtime

    interpreter = runtime.Interpreter.from_bytes(model)
    shape = interpreter.get_input_details(0)["shape"]
    inputs = [value.reshape(shape) for value in raw]
    expected = []
    for value in inputs:
        interpreter.set_input(value, 0)
        interpreter.invoke()
        expected.append(interpreter.get_output(0).tobytes())
    return Case(name, model, inputs, expected, labels)


def run(wanted: Case, core_name: str, isa: Isa) -> Row:
    """Run a case on a core."""
    library = generate_c(wanted.model, COptions(wanted.name.partition("-")[0], isa=isa))
    with tempfile.TemporaryDirectory() as scratch:
        firmware = build_firmware(library, load_core(core_name), MEMORY, Path(scratch))
        emulation = emulate(firmware, [(value.tobytes(),) for value in wanted.inputs])
    answers = [outputs[0] for outputs in emulation.outputs]
    sizes = firmware.sizes
    return Row(
        wanted.name,
        core_name,
        str(isa),
        len(answers),
        sum(map(bytes.__eq__, answers, wanted.expected)),
        median(emulation.instructions),
        sizes.flash_bytes,
        sizes.ram_bytes,
        sizes.arena_bytes,
        emulation.stack_bytes,
        _top_1(answers, wanted.labels),
        _top_1(wanted.expected, wanted.labels),
    )


def _fed(name: str, model: bytes, data: Path, count: int) -> Case:
    """Return a case with the inputs of its network; all of them have NHWC axes, or one channel."""
    from tflite_micro import runtime

    details = runtime.Interpreter.from_bytes(model).get_input_details(0)
    parameters = details["quantization_parameters"]
    scale, zero_point = float(parameters["scales"][0]), int(parameters["zero_points"][0])
    floats, labels = _floats(name.partition("-")[0], data, count)
    return case(name, model, quantize(floats, np.dtype(np.int8), scale, zero_point), labels)


def _floats(
    name: str, data: Path, count: int
) -> tuple[NDArray[np.floating], NDArray[np.integer] | None]:
    if name == "kws":
        with np.load(data / "kws_eval.npz") as archive:
            return archive["x"][:count], archive["y"][:count]
    if name == "ic":
        return pictures(count).transpose(0, 2, 3, 1), None
    return machine_sounds(count), None


def _built(name: str, data: Path, scratch: Path) -> bytes:
    source = NETWORKS[name]
    samples = f"{data}/kws_eval.npz[:100]"
    if name != "kws":
        array = pictures(100) if name == "ic" else machine_sounds(100)
        np.savez(scratch / "samples.npz", x=array)
        samples = f"{scratch}/samples.npz"
    options = BuildOptions(calibration_data=samples, thresholds=Thresholds(min_sqnr_db=5.0))
    build(data / f"{source}.onnx", scratch / f"{name}.edgekit", options)
    return Bundle.open(scratch / f"{name}.edgekit").model


def _top_1(answers: Sequence[bytes], labels: NDArray[np.integer] | None) -> float | None:
    if labels is None:
        return None
    best = [int(np.frombuffer(answer, np.int8).argmax()) for answer in answers]
    return 100.0 * sum(map(int.__eq__, best, labels.tolist())) / len(best)


if __name__ == "__main__":
    main()
