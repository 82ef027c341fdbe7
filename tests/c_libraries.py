"""Generated C on the host: compiled by gcc, run through ctypes, beside the golden interpreter."""

import ctypes
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgekit.converters.c import ARENA_ALIGNMENT, CLibrary, COptions, Isa, generate_c

STRICT = ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror")


@dataclass
class HostLibrary:
    """A generated library that is loaded, with an arena of exactly its size."""

    library: CLibrary
    loaded: ctypes.CDLL

    def __post_init__(self):
        size = self.library.arena_bytes
        self._memory = ctypes.create_string_buffer(size + ARENA_ALIGNMENT)
        start = ctypes.addressof(self._memory)
        self.arena = -(-start // ARENA_ALIGNMENT) * ARENA_ALIGNMENT
        self.model = ctypes.c_void_p()
        assert self.call("init", ctypes.c_void_p(self.arena), ctypes.c_size_t(size)) == 0

    def call(self, function, *arguments, result=ctypes.c_int):
        """Call a function of the library on its model."""
        found = getattr(self.loaded, f"{self.library.name}_{function}")
        found.restype = result
        return found(ctypes.byref(self.model), *arguments)

    def run(self, *inputs):
        """Run once and return the outputs."""
        for index, values in enumerate(inputs):
            address = self.call("input", ctypes.c_size_t(index), result=ctypes.c_void_p)
            spec = self.library.inputs[index]
            raw = np.ascontiguousarray(values, spec.dtype).tobytes()
            assert len(raw) == spec.size_bytes
            ctypes.memmove(address, raw, len(raw))
        assert self.call("invoke") == 0
        return [
            np.frombuffer(
                ctypes.string_at(
                    self.call("output", ctypes.c_size_t(index), result=ctypes.c_void_p),
                    spec.size_bytes,
                ),
                spec.dtype,
            ).reshape(spec.shape)
            for index, spec in enumerate(self.library.outputs)
        ]


def write_sources(library, folder):
    """Write a library's files and return its C files."""
    for name, text in library.files.items():
        (folder / name).write_text(text)
    return [folder / name for name in library.files if name.endswith(".c")]


def load(libraries, folder: Path, *flags):
    """Compile libraries into one shared object and load it."""
    sources = [path for library in libraries for path in write_sources(library, folder)]
    target = folder / "libraries.so"
    command = ["gcc", *STRICT, "-O1", *flags, "-shared", "-fPIC", "-o", target, *sources]
    subprocess.run(command, check=True)
    loaded = ctypes.CDLL(str(target))
    return [HostLibrary(library, loaded) for library in libraries]


def interpreter(model, arena_bytes=1 << 20):
    """Return TensorFlow Lite Micro with a model: what everything has to equal."""
    from tflite_micro import runtime

    return runtime.Interpreter.from_bytes(model, arena_size=arena_bytes)


def golden(opened, inputs, count):
    """Run TensorFlow Lite Micro once and return its outputs."""
    for index, values in enumerate(inputs):
        opened.set_input(values, index)
    opened.invoke()
    return [np.array(opened.get_output(index)) for index in range(count)]


def random_values(rng, tensor):
    """Return values for an input: mostly any, sometimes the ends of the range alone."""
    limits = np.iinfo(tensor.dtype)
    if rng.integers(4) == 0:
        return rng.choice([limits.min, limits.max], tensor.shape).astype(tensor.dtype)
    return rng.integers(limits.min, limits.max, tensor.shape, tensor.dtype, endpoint=True)


def assert_golden(models, folder, *, runs=3, isa=Isa.PORTABLE):
    """Generate, compile and run models on random inputs; every byte has to be the golden one."""
    libraries = [
        generate_c(model, COptions(f"case_{index}", isa)) for index, model in enumerate(models)
    ]
    for model, host in zip(models, load(libraries, folder), strict=True):
        opened, rng = interpreter(model), np.random.default_rng(len(model))
        for _ in range(runs):
            inputs = [random_values(rng, item) for item in host.library.inputs]
            outputs = host.run(*inputs)
            for got, expected in zip(outputs, golden(opened, inputs, len(outputs)), strict=True):
                assert got.tobytes() == expected.tobytes()
