"""Our own engine: torch and ONNX to integers without TensorFlow, exact or refused."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from edgekit.bundle.manifest import Io, Scheme
from edgekit.converters.cache import Cache
from edgekit.converters.contract import ContractContext, check_contract
from edgekit.converters.engines import EngineError, QuantizationRequest
from edgekit.converters.engines.own_engine import OwnEngine
from edgekit.converters.graph import read_graph
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.lowering import RefusedError
from edgekit.converters.parity.metrics import PairedSums
from edgekit.converters.request import CalibrationMethod
from edgekit.converters.sources import open_source


@pytest.fixture
def own(tmp_path):
    with OwnEngine(Cache(tmp_path / "cache"), tmp_path / "log") as engine:
        yield engine


def compare(source, lowered, content, samples):
    """Return the least SQNR of any output against the source."""
    runner = TfliteRunner(content, lowered.inputs, lowered.outputs)
    sums = {item.name: PairedSums() for item in lowered.outputs}
    for sample in samples:
        expected, actual = source.reference.run(sample), runner.run(sample)
        for item in lowered.outputs:
            moved = np.transpose(expected[item.name], item.axes)
            sums[item.name].add(moved, actual[item.name])
    return min(pair.sqnr_db for pair in sums.values())


@pytest.fixture(scope="module")
def two(small_models):
    """A picture and token ids in, three tensors out, with samples."""
    example = (torch.zeros(1, 3, 8, 8), torch.zeros(1, 6, dtype=torch.long))
    source = open_source(small_models.TwoByTwo(), example_inputs=example)
    pictures = small_models.pictures(40)[:, None]
    ids = torch.randint(0, 30, (40, 1, 6), generator=torch.manual_seed(1)).numpy()
    return source, [{"zoom": p, "ids": i} for p, i in zip(pictures, ids, strict=True)]


def test_float_is_exact_and_keeps_names_and_order(own, two):
    source, samples = two
    lowered = own.lower(source)

    assert [item.name for item in lowered.inputs] == [item.name for item in source.inputs]
    assert [item.name for item in lowered.outputs] == [item.name for item in source.outputs]
    assert compare(source, lowered, lowered.tflite, samples) > 100
    assert own.quantize(lowered, QuantizationRequest(Scheme.FLOAT32, Io.FLOAT32), ()) == (
        lowered.tflite
    )


@pytest.mark.parametrize(
    ("scheme", "io", "least"),
    [
        (Scheme.INT8, Io.INT8, 25),
        (Scheme.INT8, Io.UINT8, 25),
        (Scheme.INT8, Io.FLOAT32, 25),
        (Scheme.INT16X8, Io.INT16, 35),
    ],
)
def test_integers_keep_the_contract(own, two, scheme, io, least):
    source, samples = two
    lowered = own.lower(source)
    content = own.quantize(lowered, QuantizationRequest(scheme, io), samples)

    context = ContractContext(scheme, io, origins=lowered.origins)
    assert check_contract(read_graph(content), context) == ()
    assert compare(source, lowered, content, samples) > least


@pytest.mark.parametrize("method", CalibrationMethod)
def test_every_calibration_method_keeps_the_contract(own, two, method):
    source, samples = two
    lowered = own.lower(source)
    request = QuantizationRequest(calibration_method=method)
    content = own.quantize(lowered, request, samples)

    context = ContractContext(Scheme.INT8, Io.INT8, origins=lowered.origins)
    assert check_contract(read_graph(content), context) == ()
    assert compare(source, lowered, content, samples) > 20


def test_every_operator_knows_its_node(own, two):
    lowered = own.lower(two[0])
    main = read_graph(lowered.tflite).main

    written = {tensor.name for op in main.operators for tensor in main.outputs_of(op)}
    assert written - set(lowered.origins) == set()
    assert "Gather 'node_embedding'" in lowered.origins.values()


def test_the_same_model_gives_the_same_bytes(own, two):
    first, second = (own.lower(two[0]) for _ in range(2))
    request = QuantizationRequest()

    assert first.tflite == second.tflite
    assert own.quantize(first, request, two[1]) == own.quantize(second, request, two[1])


def test_what_cannot_be_expressed_is_refused_by_name(own, small_models, open_onnx):
    model = small_models.onnx_model(
        [small_models.node("Det", "x", "y", "my_det")], [("x", [1, 3, 3])], [("y", [1])]
    )
    with pytest.raises(RefusedError, match="Det 'my_det' cannot be lowered"):
        own.lower(open_onnx(model))


@pytest.mark.parametrize(("scheme", "least"), [(Scheme.DYNAMIC, 30), (Scheme.FLOAT16, 60)])
def test_smaller_weights_keep_the_contract(own, two, scheme, least):
    source, samples = two
    lowered = own.lower(source)
    content = own.quantize(lowered, QuantizationRequest(scheme, Io.FLOAT32), ())

    context = ContractContext(scheme, Io.FLOAT32, origins=lowered.origins)
    assert check_contract(read_graph(content), context) == ()
    assert compare(source, lowered, content, samples) > least


def test_it_needs_neither_tensorflow_nor_onnx2tf(tmp_path, small_models):
    """Build in a process that cannot import them."""
    import onnx

    path = tmp_path / "net.onnx"
    onnx.save(small_models.scores_model(), str(path))
    np.savez(tmp_path / "data.npz", x=np.random.default_rng(0).standard_normal((40, 4)))
    program = (
        "import sys\n"
        "for name in ('tensorflow', 'onnx2tf', 'tf_keras', 'onnxsim'): sys.modules[name] = None\n"
        "import edgekit\n"
        "edgekit.build('net.onnx', 'net.edgekit', edgekit.BuildOptions(\n"
        "    engine='edgekit', calibration_data='data.npz', devices=['nucleo-l4r5zi']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "net.edgekit").is_file()


def test_a_wrong_lowering_lists_its_operators_in_the_log(own, tmp_path, small_models, open_onnx):
    """The reference of another model stands for a lowering that went wrong."""
    source = open_onnx(small_models.scores_model())
    other = small_models.onnx_model(
        [small_models.node("MatMul", "x w", "scores")],
        [("x", [1, 4])],
        [("scores", [1, 3])],
        {"w": small_models.weights(4, 3, seed=9)},
    )
    with pytest.raises(EngineError, match="lowering changed the model") as caught:
        own.lower(replace(source, reference=open_onnx(other).reference))
    assert str(tmp_path / "log") in caught.value.hint
    assert "FULLY_CONNECTED scores (1, 3) " in (tmp_path / "log").read_text()


@pytest.fixture(scope="module")
def written(two, tmp_path_factory):
    """The float model as a file: a source like any other .tflite."""
    folder = tmp_path_factory.mktemp("written")
    with OwnEngine(Cache(folder), folder / "log") as engine:
        lowered = engine.lower(two[0])
    path = folder / "two.tflite"
    path.write_bytes(lowered.tflite)
    return path, lowered


@pytest.mark.parametrize(
    ("scheme", "io", "least"), [(Scheme.INT8, Io.UINT8, 25), (Scheme.INT16X8, Io.INT16, 35)]
)
def test_a_tflite_file_becomes_the_same_integers(own, two, written, scheme, io, least):
    path, lowered = written
    source = open_source(path)
    moved = [
        {item.name: np.transpose(sample[item.name], item.axes) for item in lowered.inputs}
        for sample in two[1]
    ]
    taken = own.lower(source)
    content = own.quantize(taken, QuantizationRequest(scheme, io), moved)

    context = ContractContext(scheme, io, origins=taken.origins)
    assert check_contract(read_graph(content), context) == ()
    assert compare(source, taken, content, moved) > least
    other = own.quantize(lowered, QuantizationRequest(scheme, io), two[1])
    pairs = zip(read_graph(content).main.tensors, read_graph(other).main.tensors, strict=True)
    assert all(
        (a.name, a.data, a.quantization) == (b.name, b.data, b.quantization) for a, b in pairs
    )


def test_wrong_cleaning_lists_its_operators_in_the_log(own, tmp_path, written):
    class Shifted:
        name = "another"

        def __init__(self, reference):
            self._reference = reference

        def run(self, sample):
            return {name: values + 1 for name, values in self._reference.run(sample).items()}

    source = open_source(written[0])
    with pytest.raises(EngineError, match="lowering changed the model"):
        own.lower(replace(source, reference=Shifted(source.reference)))
    assert "CONV_2D relu (1, 8, 8, 8) CONV_2D 'relu'" in (tmp_path / "log").read_text()
