"""Instructions, RAM and flash of generated C on emulated cores, beside TensorFlow Lite Micro's.

    python benchmarks/figures/mcu_instructions.py MODELS --peer PEER.csv --json OUT

MODELS is a folder with the int8 reference models of MLPerf Tiny: kws_ref_int8.tflite and so on.
Each is generated for what a core has (DSP instructions, Helium), compiled by arm-none-eabi-gcc and
run under QEMU with one virtual nanosecond an instruction, so that the counts are exact and the same
on every machine. Every output is compared with that of the TensorFlow Lite Micro interpreter on the
host; the counts of a build whose outputs differ are not shown.

PEER.csv has what the interpreter with CMSIS-NN takes of the same models, counted the same way:
columns model, core, kernels, optimisation, instructions_per_inference, code_bytes, model_bytes,
arena_bytes and other_static_bytes.
"""

import argparse
import csv
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from edgekit.benchmarks.emulator import DeviceMemory, build_firmware, emulate, load_core
from edgekit.converters.c import CLibrary, COptions, Isa, generate_c
from edgekit.files import atomic_write

MODELS = ("kws", "ic", "ad")
# Core -> what kernels are written for.
CORES = {
    "cortex-m4": Isa.DSP,
    "cortex-m55": Isa.MVE,
    "cortex-m7": Isa.DSP,
    "cortex-m33": Isa.DSP,
    "cortex-m3": Isa.PORTABLE,
    "cortex-m0plus": Isa.PORTABLE,
    "rv32imc": Isa.PORTABLE,
}
OPTIMISATIONS = ("-O3", "-O2", "-Os")
PEER_KERNELS = "tflm+cmsis-nn"
PEER_FAIREST = "core -Os kernels -O2 (TFLM makefile default)"
MEMORY = DeviceMemory(flash_bytes=480 << 10, ram_bytes=256 << 10, stack_bytes=4 << 10)


@dataclass(frozen=True)
class Build:
    """What one build of a model takes; everything is `emulated`.

    Attributes:
        model: Short name.
        core: What it ran on.
        isa: What its kernels are written for.
        optimisation: Of the compiler, for the library.
        instructions: Of an inference, the most of all samples.
        spread: The most less the least.
        layers: Instructions of each layer, by name, of the first sample.
        ram_bytes: Arena and all other static data of the firmware.
        stack_bytes: The most that an inference used, on top of that.
        flash_bytes: Of the whole firmware.
        weights_bytes: Of that: weights, biases, scales, tables.
    """

    model: str
    core: str
    isa: str
    optimisation: str
    instructions: int
    spread: int
    layers: dict[str, int]
    ram_bytes: int
    stack_bytes: int
    flash_bytes: int
    weights_bytes: int


@dataclass(frozen=True)
class Peer:
    """What the interpreter takes of the same model."""

    model: str
    core: str
    optimisation: str
    instructions: int
    ram_bytes: int
    flash_bytes: int


def golden(model: bytes, samples: Sequence[bytes], library: CLibrary) -> list[bytes]:
    """Return the first output of TensorFlow Lite Micro for each sample."""
    from tflite_micro import runtime

    opened = runtime.Interpreter.from_bytes(model)
    found = []
    for sample in samples:
        opened.set_input(np.frombuffer(sample, np.int8).reshape(library.inputs[0].shape), 0)
        opened.invoke()
        found.append(np.array(opened.get_output(0)).tobytes())
    return found


def measure(model: str, content: bytes, core: str, optimisation: str, count: int) -> Build:
    """Build and run a model twice: without hooks for the total, with them for its layers."""
    isa = CORES[core]
    plain = generate_c(content, COptions(model, isa))
    generator = np.random.default_rng(0)
    size = plain.inputs[0].size_bytes
    samples = [generator.integers(-128, 128, size, np.int8).tobytes() for _ in range(count)]
    with TemporaryDirectory() as folder:
        firmware = build_firmware(
            plain, load_core(core), MEMORY, Path(folder), optimisation=optimisation
        )
        total = emulate(firmware, [[sample] for sample in samples])
    if [outputs[0] for outputs in total.outputs] != golden(content, samples, plain):
        raise SystemExit(f"{model} on {core}, {optimisation}: the outputs are not TFLM's")
    hooked = generate_c(content, COptions(model, isa, layer_hook=True))
    with TemporaryDirectory() as folder:
        counted = build_firmware(
            hooked,
            load_core(core),
            MEMORY,
            Path(folder),
            optimisation=optimisation,
            counts_layers=True,
        )
        layers = emulate(counted, [[samples[0]]]).layer_instructions[0]
    return Build(
        model=model,
        core=core,
        isa=str(isa),
        optimisation=optimisation,
        instructions=max(total.instructions),
        spread=max(total.instructions) - min(total.instructions),
        layers=dict(zip(hooked.layers, layers, strict=True)),
        ram_bytes=firmware.sizes.ram_bytes,
        stack_bytes=total.stack_bytes,
        flash_bytes=firmware.sizes.flash_bytes,
        weights_bytes=plain.weights_bytes,
    )


def read_peers(path: Path) -> list[Peer]:
    """Return what the interpreter with CMSIS-NN takes, of each core and optimisation."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Peer(
                model=row["model"],
                core=row["core"],
                optimisation=row["optimisation"],
                instructions=int(row["instructions_per_inference"]),
                ram_bytes=int(row["arena_bytes"]) + int(row["other_static_bytes"]),
                flash_bytes=int(row["code_bytes"]) + int(row["model_bytes"]),
            )
            for row in csv.DictReader(file)
            if row["kernels"] == PEER_KERNELS
        ]


HEADINGS = (
    *("model", "core", "option", "instructions", "TFLM", "TFLM at its fairest"),
    *("RAM", "TFLM", "flash", "TFLM"),
)


def table(builds: Sequence[Build], peers: Sequence[Peer]) -> str:
    """Return a Markdown table: each build beside the peer at the same and at its fairest option."""
    lines = [f"| {' | '.join(HEADINGS)} |", "|---" * len(HEADINGS) + "|"]
    for build in builds:
        same = find_peer(peers, build, build.optimisation)
        fairest = find_peer(peers, build, PEER_FAIREST)
        sizes = same or fairest
        cells = (
            *(build.model, build.core, build.optimisation, f"{build.instructions:,}"),
            _against(same.instructions if same else None, build.instructions),
            _against(fairest.instructions if fairest else None, build.instructions),
            f"{build.ram_bytes:,}",
            _against(sizes.ram_bytes if sizes else None, build.ram_bytes),
            f"{build.flash_bytes:,}",
            _against(sizes.flash_bytes if sizes else None, build.flash_bytes),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def find_peer(peers: Sequence[Peer], build: Build, optimisation: str) -> Peer | None:
    """Return the peer of a build, None where it was not measured."""
    wanted = (build.model, build.core, optimisation)
    found = (item for item in peers if (item.model, item.core, item.optimisation) == wanted)
    return next(found, None)


def _against(theirs: int | None, ours: int) -> str:
    return "" if theirs is None else f"{theirs:,} ({theirs / ours:.2f}x)"


def arguments() -> argparse.Namespace:
    """Return what the user asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", type=Path, help="folder of the .tflite files")
    parser.add_argument("--peer", type=Path, help="figures of TensorFlow Lite Micro")
    parser.add_argument("--json", type=Path, help="where to write all figures")
    parser.add_argument("--samples", type=int, default=3, help="random inputs of each build")
    parser.add_argument("--core", action="append", choices=CORES, help="only these")
    parser.add_argument(
        "--optimisation",
        action="append",
        choices=OPTIMISATIONS,
        help="only these: --optimisation=-O2",
    )
    return parser.parse_args()


def main() -> None:
    """Measure all builds, print the table and write the record."""
    options = arguments()
    builds = []
    for core in options.core or CORES:
        for model in MODELS:
            content = (options.models / f"{model}_ref_int8.tflite").read_bytes()
            for optimisation in options.optimisation or OPTIMISATIONS:
                build = measure(model, content, core, optimisation, options.samples)
                builds.append(build)
                print(f"{model} {core} {optimisation}: {build.instructions:,}", flush=True)
    peers = read_peers(options.peer) if options.peer else []
    print(table(builds, peers))
    if options.json:
        record: dict[str, Any] = {
            "method": "QEMU -icount shift=0, counted between call and return of NAME_invoke",
            "builds": [asdict(build) for build in builds],
            "peers": [asdict(peer) for peer in peers],
        }
        atomic_write(options.json, json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
