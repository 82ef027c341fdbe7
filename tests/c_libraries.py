"""Generated C on the host: compiled by gcc, run through ctypes, beside the golden interpreter."""

import ctypes
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from edgekit.converters.c import ARENA_ALIGNMENT, CLibrary, COptions, Isa, generate_c
from edgekit.converters.graph import DataType, Quantization, write_graph
from edgekit.converters.graph.builder import GraphBuilder, Value

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


def random_values(rng, dtype, shape):
    """Return values of a type: mostly any, sometimes the ends of the range alone."""
    if dtype == "bool":
        return rng.integers(2, size=shape).astype(bool)
    if dtype == "float32":
        return rng.normal(0, 4, shape).astype(np.float32)
    limits = np.iinfo(dtype)
    if rng.integers(4) == 0:
        return rng.choice([limits.min, limits.max], shape).astype(dtype)
    return rng.integers(limits.min, limits.max, shape, dtype, endpoint=True)


def assert_golden(models, *, runs=3, isa=Isa.PORTABLE, inputs=None):
    """Generate, compile and run models; every byte has to be the golden one.

    Args:
        models: The .tflite files.
        runs: How many inputs are tried.
        isa: What kernels are written for.
        inputs: Gives the values of an input; random ones by default.
    """
    libraries = [
        generate_c(model, COptions(f"case_{index}", isa)) for index, model in enumerate(models)
    ]
    with TemporaryDirectory() as folder:
        hosts = load(libraries, Path(folder))
    for model, host in zip(models, hosts, strict=True):
        opened, rng = interpreter(model), np.random.default_rng(len(model))
        for _ in range(runs):
            values = [
                inputs(item) if inputs else random_values(rng, item.dtype, item.shape)
                for item in host.library.inputs
            ]
            _assert_same(host, opened, values)


def _assert_same(host, opened, inputs):
    found = host.run(*inputs)
    wanted = golden(opened, inputs, len(found))
    wrong = [
        host.library.outputs[index].name
        for index, (got, expected) in enumerate(zip(found, wanted, strict=True))
        if got.tobytes() != expected.tobytes()
    ]
    assert not wrong, wrong


def assert_cases_golden(case, seeds, *, isa=Isa.PORTABLE, runs=3, inputs=None):
    """Check operators beside each other in one model, each with inputs and outputs of its own.

    Args:
        case: Makes a node from a random generator.
        seeds: One for each node.
        isa: What kernels are written for.
        runs: How many inputs are tried.
        inputs: Gives the values of an input; random ones by default.
    """
    nodes = [case(np.random.default_rng([index, seed])) for index, seed in enumerate(seeds)]
    for index, node in enumerate(nodes):
        for output in node.outputs:
            output.name = f"{node.kind} {index}: {_described(node)}"
    assert_golden([model_of(nodes)], runs=1 if inputs else runs, isa=isa, inputs=inputs)


def model_of(nodes):
    """Return the .tflite of nodes: made by none is an input, read by none is an output."""
    builder = GraphBuilder()
    builder.nodes = list(nodes)
    made = {value for node in nodes for value in node.outputs}
    read = {value: None for node in nodes for value in node.reads()}
    builder.inputs = [
        value
        for value in read
        if value not in made and not value.is_constant and not value.is_variable
    ]
    builder.outputs = [value for node in nodes for value in node.outputs if value not in read]
    return write_graph(builder.finish())


def _described(node):
    shapes = " ".join(f"{item.shape}" for item in node.reads())
    return f"{shapes} -> {node.outputs[0].shape} {node.options}"


def tensor(shape, dtype="int8", *, scale=None, zero_point=0, data=None, axis=0):
    """Return a tensor for a node; a constant where there are data."""
    scales = () if scale is None else tuple(np.atleast_1d(np.float32(scale)).tolist())
    points = (zero_point,) * len(scales)
    quantization = Quantization(scales, points, axis) if scales else None
    kind = DataType(dtype.upper())
    if data is not None:
        data = np.broadcast_to(np.asarray(data, dtype), shape).copy()
    return Value("x", tuple(shape), kind, data, quantization)


def random_scale(rng, low=-8.0, high=0.0):
    """Return a scale between two powers of two."""
    return float(np.float32(2.0 ** rng.uniform(low, high)))


def random_point(rng):
    """Return an int8 zero point: often at an end of the range."""
    return int(rng.choice([-128, 127, 0, rng.integers(-128, 128)]))


def any_tensor(rng, shape, **scales):
    """Return an int8 tensor with a random scale and zero point."""
    return tensor(shape, scale=random_scale(rng, **scales), zero_point=random_point(rng))
