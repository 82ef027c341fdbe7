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
from edgekit.converters.sources import open_source
from edgekit.errors import EdgekitError


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


@pytest.mark.parametrize("scheme", [Scheme.DYNAMIC, Scheme.FLOAT16])
def test_schemes_of_the_other_engine_name_it(own, two, scheme):
    lowered = own.lower(two[0])
    with pytest.raises(EdgekitError, match=f"does not make --scheme {scheme}") as caught:
        own.quantize(lowered, QuantizationRequest(scheme, Io.FLOAT32), ())
    assert "--engine onnx2tf" in caught.value.hint


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
