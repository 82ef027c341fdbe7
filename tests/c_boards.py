"""Generated C on emulated microcontrollers, beside the golden interpreter."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from edgekit.benchmarks.emulator import (
    DeviceMemory,
    build_firmware,
    emulate,
    load_core,
)
from edgekit.benchmarks.emulator.toolchain import require_tools
from edgekit.converters.c import COptions, Isa, generate_c

# The least core of each instruction set.
CORES = {Isa.PORTABLE: "cortex-m3", Isa.DSP: "cortex-m4", Isa.MVE: "cortex-m55"}
_MEMORY = DeviceMemory(flash_bytes=480 << 10, ram_bytes=400 << 10, stack_bytes=8 << 10)


def run(library, inputs, *, core, optimisation="-O2"):
    """Run a library on a core; of each sample, return the bytes of each output."""
    found = load_core(core)
    require_tools(found)
    with TemporaryDirectory() as folder:
        firmware = build_firmware(library, found, _MEMORY, Path(folder), optimisation=optimisation)
        samples = [[np.ascontiguousarray(item).tobytes() for item in sample] for sample in inputs]
        return emulate(firmware, samples).outputs


def assert_golden(c_libraries, model, isa, *, runs=3, core=None, optimisation="-O2"):
    """Generate, compile and run a model on a board; every byte has to be the golden one.

    Args:
        c_libraries: The module of that name, for the golden interpreter.
        model: The .tflite file.
        isa: What kernels are written for.
        runs: How many random inputs are tried.
        core: What to run on; the least one that has the instructions by default.
        optimisation: Option of the compiler.
    """
    library = generate_c(model, COptions("board", isa))
    opened, rng = c_libraries.interpreter(model), np.random.default_rng(len(model))
    inputs = [
        [c_libraries.random_values(rng, item.dtype, item.shape) for item in library.inputs]
        for _ in range(runs)
    ]
    outputs = run(library, inputs, core=core or CORES[isa], optimisation=optimisation)
    for sample, found in zip(inputs, outputs, strict=True):
        wanted = c_libraries.golden(opened, sample, len(found))
        wrong = [
            library.outputs[index].name
            for index, (got, expected) in enumerate(zip(found, wanted, strict=True))
            if got != expected.tobytes()
        ]
        assert not wrong, wrong


def assert_all_golden(c_libraries, models, isa):
    """Check models of some layers each on a board."""
    for model in models:
        assert_golden(c_libraries, model, isa)
