"""Hold the light networks of the onnx package, as C, against TensorFlow Lite Micro.

They are built to int8 and compiled for this machine, each twice: up to half of its operators,
where values differ most, and up to its SOFTMAX, whose inputs are all about equal, since weights
are constants; there the interpreter ends the process, so the networks end before it.

    python benchmarks/figures/c_light_networks.py --json OUT [--only squeezenet shufflenet]
"""

import argparse
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from light_networks import ANY, pictures

from edgekit.build_options import BuildOptions
from edgekit.building import build
from edgekit.bundle import Bundle
from edgekit.converters.c import COptions, generate_c
from edgekit.converters.contract import ContractError
from edgekit.converters.graph import read_graph, write_graph
from edgekit.converters.graph.extracting import extract

INPUTS = 2
PROGRAM = """
#include "m.h"
#include <stdio.h>
#include <string.h>
static _Alignas(M_ARENA_ALIGNMENT) uint8_t arena[M_ARENA_BYTES];
int main(void)
{
    static uint8_t input[M_INPUT_BYTES];
    m_model model;
    if (m_init(&model, arena, sizeof arena) != M_OK) return 1;
    while (fread(input, sizeof input, 1, stdin) == 1) {
        memcpy(m_input(&model, 0), input, sizeof input);
        if (m_invoke(&model) != M_OK) return 2;
        fwrite(m_output(&model, 0), M_OUTPUT_BYTES, 1, stdout);
    }
    return 0;
}
"""


def main() -> None:
    """Print a line for each network and write all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--only", nargs="+", default=[""], help="parts of networks' names")
    arguments = parser.parse_args()
    folder = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
    rows = []
    for path in sorted(folder.glob("light_*.onnx")):
        if any(part in path.stem for part in arguments.only):
            for part, model in parts_of(path):
                with tempfile.TemporaryDirectory() as scratch:
                    rows.append({"network": path.stem, "part": part, **held(model, Path(scratch))})
                print(json.dumps(rows[-1]), flush=True)
                arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


def held(model: bytes, folder: Path) -> dict[str, object]:
    """Compare bytes of a model's C with the interpreter's; or say what has no C."""
    from tflite_micro import runtime

    try:
        library = generate_c(model, COptions("m"))
    except ContractError as error:
        return {"error": error.message, "details": list(error.details[:3])}
    for name, text in {**library.files, "main.c": PROGRAM}.items():
        (folder / name).write_text(text)
    command = ["gcc", "-std=c11", "-O1", "-o", "main", *sorted(map(str, folder.glob("*.c")))]
    subprocess.run(command, cwd=folder, check=True)
    spec = library.inputs[0]
    given = np.random.default_rng(0).integers(-128, 128, (INPUTS, *spec.shape), np.int8)
    made = subprocess.run(
        [folder / "main"], input=given.tobytes(), capture_output=True, check=True
    ).stdout
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=64 << 20)
    wanted = []
    for sample in given:
        interpreter.set_input(sample, 0)
        interpreter.invoke()
        wanted.append(np.array(interpreter.get_output(0)))
    apart = np.frombuffer(made, np.int8) != np.concatenate(wanted, axis=None)
    return {
        "provenance": "measured",
        "inputs": INPUTS,
        "bytes": apart.size,
        "different_bytes": int(apart.sum()),
        "distinct_bytes": len(set(made)),
        "arena_bytes": library.arena_bytes,
        "arena_is_optimal": library.plan.is_optimal,
    }


def parts_of(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the two parts of a network as int8 models."""
    source = onnx.load(path)
    initial = {tensor.name for tensor in source.graph.initializer}
    (name,) = [value.name for value in source.graph.input if value.name not in initial]
    options = BuildOptions(
        calibration_data={name: pictures(4, seed=0)},
        evaluation_data={name: pictures(1, seed=1)},
        thresholds=ANY,
    )
    with tempfile.TemporaryDirectory() as folder:
        build(path, Path(folder) / "light.edgekit", options)
        graph = read_graph(Bundle.open(Path(folder) / "light.edgekit").model)
    main = graph.main
    half = main.operators[len(main.operators) // 2].outputs[0]
    softmax = [item for item in main.operators if item.kind == "SOFTMAX"]
    end = softmax[-1].inputs[0] if softmax else main.outputs[0]
    for part, index in (("first half", half), ("up to the softmax", end)):
        yield part, write_graph(extract(graph, (), main.tensors[index].name))


if __name__ == "__main__":
    main()
