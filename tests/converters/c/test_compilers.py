"""Every kernel compiles without a warning, everywhere, and pleases static analysis."""

import importlib.util
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from edgekit.converters.c import COptions, generate_c, supported_operators

OPS = Path(__file__).parent / "ops"
COMPILERS = {
    "gcc": ["gcc"],
    "clang": ["clang"],
    "arm, Cortex-M0+": ["arm-none-eabi-gcc", "-mthumb", "-mcpu=cortex-m0plus"],
    "arm, Cortex-M4": ["arm-none-eabi-gcc", "-mthumb", "-mcpu=cortex-m4"],
    "riscv": ["riscv64-unknown-elf-gcc", "-march=rv32imc", "-mabi=ilp32", "--specs=picolibc.specs"],
}
# Test module, function that makes a node, its further arguments.
CASES = [
    *(("elementwise", "case", (kind,)) for kind in "ADD SUB MUL MAXIMUM MINIMUM".split()),
    ("elementwise", "case", ("SQUARED_DIFFERENCE",)),
    ("elementwise", "case", ("ADD", "int16")),
    ("arg_max", "case", ("ARG_MAX",)),
    ("arg_max", "case", ("ARG_MIN",)),
    ("average_pool_2d", "case", ("int8",)),
    ("average_pool_2d", "case", ("int16",)),
    ("batch_matmul", "case", ()),
    *(("comparison", "compare", (kind,)) for kind in "EQUAL NOT_EQUAL GREATER".split()),
    *(("comparison", "compare", (kind,)) for kind in "GREATER_EQUAL LESS LESS_EQUAL".split()),
    *(("comparison", "logical", (f"LOGICAL_{kind}",)) for kind in "AND OR NOT".split()),
    ("comparison", "choose", ("SELECT_V2",)),
    *(("concatenation", name, ()) for name in "concatenation split split_v pack unpack".split()),
    *(("concatenation", name, ()) for name in "pad pad_v2".split()),
    ("conv_2d", "case", ("int8", "int32")),
    ("conv_2d", "case", ("int16", "int64")),
    ("conv_2d", "case", ("int16", "int32")),
    ("depthwise_conv_2d", "case", ("int8", "int32")),
    ("depthwise_conv_2d", "case", ("int16", "int64")),
    ("gather", "gather", ()),
    ("gather", "embedding", ()),
    ("l2_normalization", "case", ()),
    ("unidirectional_sequence_lstm", "case", ()),
    *(("lookup", "case", (kind,)) for kind in "ABS ELU HARD_SWISH LEAKY_RELU LOGISTIC".split()),
    *(("lookup", "case", (kind,)) for kind in "RELU RELU6 RSQRT TANH".split()),
    ("max_pool_2d", "case", ("int8",)),
    ("prelu", "case", ()),
    ("quantize", "case", ("float32", "int8")),
    ("quantize", "case", ("float32", "int16")),
    ("quantize", "case", ("int16", "int8")),
    ("quantize", "case", ("int8", "int32")),
    ("quantize", "case", ("int8", "float32")),
    *(("reduce", "case", (kind, "int8")) for kind in "MEAN SUM REDUCE_MAX REDUCE_MIN".split()),
    ("reduce", "case", ("MEAN", "int16")),
    ("resize", "case", ("RESIZE_NEAREST_NEIGHBOR", "int8")),
    ("resize", "case", ("RESIZE_BILINEAR", "int8")),
    *(("lookup", "case_int16", (kind,)) for kind in "LOGISTIC TANH LEAKY_RELU".split()),
    ("softmax", "case", ("int8", "int8")),
    ("softmax", "case", ("int16", "int16")),
    ("svdf", "case", ("int8",)),
    ("svdf", "case", ("int16",)),
    ("transpose_conv", "case", ("int8", "int32")),
    *(("transpose", name, ()) for name in "transpose cut strided reverse broadcast".split()),
    *(("transpose", name, ()) for name in "to_depth to_space".split()),
]
FREE = {"EXPAND_DIMS", "RESHAPE", "SQUEEZE"}  # no code


def module(name):
    spec = importlib.util.spec_from_file_location(f"case_{name}", OPS / f"test_{name}.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.fixture(scope="module")
def nodes(c_libraries):
    modules = {name: module(name) for name, _, _ in CASES}
    made = [
        getattr(modules[name], function)(c_libraries, np.random.default_rng(index), *arguments)
        for index, (name, function, arguments) in enumerate(CASES)
    ]
    for dense in ({"per_channel": False}, {"per_channel": True}):
        rng = np.random.default_rng(1)
        made.append(module("fully_connected").case(c_libraries, rng, "int8", "int32", **dense))
    return [*module("variable").accumulator(c_libraries), *made]


@pytest.fixture(scope="module")
def sources(nodes, c_libraries, tmp_path_factory):
    folder = tmp_path_factory.mktemp("everything")
    found = []
    for part in range(0, len(nodes), 16):
        model = c_libraries.model_of(nodes[part : part + 16])
        found += c_libraries.write_sources(generate_c(model, COptions(f"part_{part}")), folder)
    return found


def test_every_operator_is_there(nodes):
    assert {node.kind for node in nodes} | FREE == set(supported_operators())


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("optimisation", ["-O2", "-O3", "-Os"])
def test_there_are_no_warnings(sources, c_libraries, compiler, optimisation, tmp_path):
    command = COMPILERS[compiler]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    for source in sources:
        target = tmp_path / f"{source.stem}.o"
        flags = [*c_libraries.STRICT, optimisation, "-c", "-o", target, source]
        done = subprocess.run([*command, *flags], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_cppcheck_finds_nothing(sources):
    if shutil.which("cppcheck") is None:
        pytest.skip("cppcheck is not installed")
    checks = ["--enable=warning,performance,portability", "--std=c99", "--error-exitcode=1"]
    command = ["cppcheck", "--quiet", *checks, *sources]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_header_is_c_plus_plus_as_well(sources, tmp_path):
    if shutil.which("g++") is None:
        pytest.skip("g++ is not installed")
    header = sources[0].with_suffix(".h")
    command = ["g++", "-std=c++11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
    subprocess.run([*command, header], check=True)
