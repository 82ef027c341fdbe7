"""The facts that come with edgekit: complete, sourced, and true where they can be tried here."""

import tomllib
from pathlib import Path
from statistics import geometric_mean
from typing import Any

import pytest

import edgekit.device_profiles as package
from edgekit.device_profiles import DeviceKind, Sourced, device_names, load_profile, load_runtime

FOLDER = Path(package.__file__).parent
FILES = sorted(FOLDER.rglob("*.toml"))
NAMES = (
    "arduino-due",
    "arduino-nano-33-ble-sense",
    "ek-ra6m4",
    "esp32-c3-devkitm-1",
    "mps3-an547",
    "nucleo-h7a3zi-q",
    "nucleo-l4r5zi",
    "pixel-8",
    "raspberry-pi-4b",
    "raspberry-pi-pico",
    "raspberry-pi-zero-2w",
)


def test_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EDGEKIT_DEVICE_PATH", raising=False)
    assert device_names() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_of_a_profile_has_a_source(name: str) -> None:
    profile = load_profile(name)
    assert {"soc", "core", "clock_hz", "core_count", "ram_bytes", "isa_features"} <= set(
        profile.figures()
    )
    for figure in profile.figures().values():
        assert len(figure.source) > 10
        assert figure.verified != figure.source.startswith("unverified")
    assert (profile.kind is DeviceKind.MCU) == (profile.flash_bytes is not None)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_number_in_a_file_stands_without_a_source(path: Path) -> None:
    def check(table: dict[str, Any]) -> None:
        for value in table.values():
            if isinstance(value, dict) and "value" not in value:
                check(value)
            elif isinstance(value, dict):
                assert value["source"].strip()
            else:
                assert isinstance(value, str)

    check(tomllib.loads(path.read_text()))


def test_known_facts() -> None:
    board = load_profile("nucleo-l4r5zi")
    assert board.ram_bytes == Sourced(640 * 1024, board.ram_bytes.source)
    assert board.isa_features.value == {"dsp", "fpu"}
    assert board.runtime.name == "tflite-micro"
    assert load_profile("raspberry-pi-pico").ram_bytes.value == 264 * 1024
    assert not load_profile("raspberry-pi-pico").isa_features.verified
    assert load_profile("pixel-8").runtime.name == "litert"


@pytest.mark.parametrize(
    ("name", "core", "features"),
    [
        ("raspberry-pi-pico", "Cortex-M0+", set()),
        ("arduino-due", "Cortex-M3", set()),
        ("nucleo-l4r5zi", "Cortex-M4F", {"dsp", "fpu"}),
        ("nucleo-h7a3zi-q", "Cortex-M7", {"dsp", "fpu"}),
        ("ek-ra6m4", "Cortex-M33", {"dsp", "fpu"}),
        ("mps3-an547", "Cortex-M55", {"dsp", "fpu", "mve"}),
        ("esp32-c3-devkitm-1", "RV32IMC", set()),
    ],
)
def test_a_microcontroller_of_every_core(name: str, core: str, features: set[str]) -> None:
    board = load_profile(name)
    assert (board.kind, board.core.value) == (DeviceKind.MCU, core)
    assert board.isa_features.value == features


# Published latency in ms and clock, over instructions counted for the same model.
PUBLISHED = {
    "nucleo-l4r5zi": [
        (82.0008, 120e6, 7_844_150),
        (298.6858, 120e6, 29_873_605),
        (8.0727, 120e6, 582_281),
        (99.8104, 120e6, 7_844_150),
        (389.5598, 120e6, 29_873_605),
        (8.6050, 120e6, 582_281),
    ],
    "ek-ra6m4": [
        (50.5715, 200e6, 7_799_975),
        (246.1841, 200e6, 29_930_665),
        (4.6131, 200e6, 582_521),
    ],
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_cycles_per_instruction_are_those_published(name: str) -> None:
    figures = [1e-3 * ms * clock / count for ms, clock, count in PUBLISHED[name]]
    coefficient = load_profile(name).cycles_per_instruction.value
    assert coefficient.typical == pytest.approx(geometric_mean(figures), rel=0.02)
    assert coefficient.low == pytest.approx(min(figures), rel=0.02)
    assert coefficient.high == pytest.approx(max(figures), rel=0.02)


# From register.cc as of TensorFlow 2.14; later releases accept at least these.
REGISTER_CC = {
    "RELU": 3,
    "CONV_2D": 7,
    "DEPTHWISE_CONV_2D": 7,
    "FULLY_CONNECTED": 10,
    "SOFTMAX": 3,
    "ADD": 5,
    "MUL": 7,
    "GATHER": 6,
    "TRANSPOSE": 6,
    "STRIDED_SLICE": 8,
    "CAST": 5,
    "DEQUANTIZE": 5,
    "PACK": 4,
    "TRANSPOSE_CONV": 4,
    "EQUAL": 4,
    "QUANTIZE": 3,
    "BATCH_MATMUL": 4,
    "GELU": 2,
}


@pytest.mark.parametrize(("op", "version"), REGISTER_CC.items())
def test_litert_accepts_the_versions_of_register_cc(op: str, version: int) -> None:
    litert = load_runtime("litert")
    assert litert.supports(op, version)
    assert not litert.supports(op, 99)
    assert "float32" in (litert.dtypes_of(op) or ()) or op == "DEQUANTIZE"


def declares(schema: Any, op_name: str, version: int) -> bytes:
    """Return a model that declares an operator and uses none."""
    flatbuffers = pytest.importorskip("flatbuffers")
    opcode = schema.OperatorCodeT()
    opcode.builtinCode = getattr(schema.BuiltinOperator, op_name)
    opcode.deprecatedBuiltinCode = min(opcode.builtinCode, 127)
    opcode.version = version
    tensor = schema.TensorT()
    tensor.name, tensor.shape = b"x", [1]
    graph = schema.SubGraphT()
    graph.tensors, graph.inputs, graph.outputs, graph.operators = [tensor], [0], [0], []
    model = schema.ModelT()
    model.version, model.operatorCodes = 3, [opcode]
    model.subgraphs, model.buffers = [graph], [schema.BufferT()]
    builder = flatbuffers.Builder(256)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def test_the_installed_litert_accepts_every_listed_version() -> None:
    interpreter = pytest.importorskip("ai_edge_litert.interpreter")
    from ai_edge_litert import schema_py_generated as schema

    def accepts(op_name: str, version: int) -> bool:
        try:
            interpreter.Interpreter(model_content=declares(schema, op_name, version))
        except ValueError as error:
            if "Didn't find op for builtin opcode" in str(error):
                return False
            raise
        return True

    operators = load_runtime("litert").operators.value
    for op_name, operator in operators.items():
        assert accepts(op_name, operator.max_version)
        assert accepts(op_name, operator.min_version)
    names = {name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}
    assert set(operators) <= names
    assert not accepts("CONCAT_EMBEDDINGS", 1)
    assert not accepts("BROADCAST_TO", operators["BROADCAST_TO"].min_version - 1)


@pytest.mark.parametrize(
    ("op", "has"),
    [
        ("CONV_2D", {"float32", "int8", "int16"}),
        ("FULLY_CONNECTED", {"float32", "int8", "int16"}),
        ("AVERAGE_POOL_2D", {"float32", "int8", "int16"}),
        ("SOFTMAX", {"float32", "int8", "int16"}),
        ("EXP", {"float32"}),
        ("GATHER", {"float32", "int8"}),
        ("DEQUANTIZE", {"int8", "int16", "uint8"}),
    ],
)
def test_tflite_micro_types(op: str, has: set[str]) -> None:
    assert load_runtime("tflite-micro").dtypes_of(op) == has


def test_tflite_micro_takes_any_version_but_not_any_operator() -> None:
    micro = load_runtime("tflite-micro")
    assert micro.supports("CONV_2D", 99)
    assert micro.max_version("CONV_2D") is None
    assert not micro.supports("GELU")
    assert not micro.supports("TOPK_V2")
    assert not micro.supports("LSTM")
    assert micro.max_rank.value == 5
    assert not micro.hybrid_kernels.value
    assert "FULLY_CONNECTED" in micro.int4_weights.value
    assert "FULLY_CONNECTED" not in micro.int4_weights_per_channel.value
