"""int16 where int8 loses most: chosen by name or by measuring, in both kernel sets."""

import numpy as np
import pytest
from onnx import helper

from edgekit.bundle.manifest import Io, Scheme
from edgekit.converters.cache import Cache
from edgekit.converters.contract import ContractContext, check_contract
from edgekit.converters.engines.own_engine import OwnEngine
from edgekit.converters.graph import read_graph
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.parity.metrics import PairedSums
from edgekit.converters.quantize.mixing import named_nodes
from edgekit.converters.request import QuantizationRequest
from edgekit.converters.sources.canonical import canonicalise
from edgekit.errors import UnknownNameError
from edgekit.runtime.interpreter import Kernels

WIDTH = 16


@pytest.fixture(name="sensitive")
def _sensitive(model_of):
    """Return six layers, of which the third has one channel that is 300 times the others."""
    generator = np.random.default_rng(0)
    nodes, constants = [], {}
    name = "x"
    for index in range(6):
        weights = generator.standard_normal((WIDTH, WIDTH)).astype(np.float32) / 4
        if index == 2:
            weights[:, 0] *= 300
        if index == 3:
            weights[0] /= 300
        constants[f"w{index}"] = weights
        nodes += [
            helper.make_node("MatMul", [name, f"w{index}"], [f"m{index}"], name=f"dense{index}"),
            helper.make_node("Relu", [f"m{index}"], [f"r{index}"], name=f"relu{index}"),
        ]
        name = f"r{index}"
    return model_of(nodes, {"x": (4, WIDTH)}, [name], constants)


@pytest.fixture(name="mixed")
def _mixed(tmp_path):
    def run(model, scheme, io=Io.INT8, int16=()):
        source = canonicalise(model, kind="onnx", name="model", input_shapes={})
        generator = np.random.default_rng(1)
        samples = [
            {"x": generator.standard_normal((4, WIDTH)).astype(np.float32)} for _ in range(12)
        ]
        with OwnEngine(Cache(tmp_path), tmp_path / "log") as engine:
            lowered = engine.lower(source)
            request = QuantizationRequest(scheme=scheme, io=io, int16=int16)
            content = engine.quantize(lowered, request, samples)
        graph = read_graph(content)
        figures = []
        for kernels in Kernels:
            runner = TfliteRunner(content, lowered.inputs, lowered.outputs, kernels=kernels)
            sums = PairedSums()
            for item in samples:
                for name, wanted in source.reference.run(item).items():
                    sums.add(wanted, runner.run(item)[name])
            figures.append(sums.sqnr_db)
        context = ContractContext(scheme, io, origins=lowered.origins)
        assert check_contract(graph, context) == ()
        return min(figures), graph.main

    return run


def widths(main):
    return {
        str(tensor.dtype)
        for operator in main.operators
        for tensor in main.outputs_of(operator)
        if tensor.quantization
    }


@pytest.mark.parametrize("io", [Io.INT8, Io.UINT8, Io.FLOAT32])
def test_the_worst_layer_gets_int16(mixed, sensitive, io):
    narrow, _ = mixed(sensitive, Scheme.INT8, io)
    figure, main = mixed(sensitive, Scheme.MIXED, io)
    assert figure > narrow + 6
    dense = [item for item in main.operators if item.kind == "FULLY_CONNECTED"]
    wide = [main.tensors[item.outputs[0]].dtype == "INT16" for item in dense]
    assert wide[2]
    assert sum(wide) <= 3
    assert "QUANTIZE" in [item.kind for item in main.operators]


def test_named_nodes_alone_get_int16(mixed, sensitive):
    named, main = mixed(sensitive, Scheme.MIXED, int16=("relu[23]", "Relu 'relu4'"))
    dense = [item for item in main.operators if item.kind == "FULLY_CONNECTED"]
    wide = [main.tensors[item.outputs[0]].dtype == "INT16" for item in dense]
    assert wide == [False, False, True, True, True, False]
    assert widths(main) == {"INT8", "INT16"}
    assert named > mixed(sensitive, Scheme.INT8)[0] + 3


def test_a_name_that_fits_nothing_is_refused():
    origins = {"a": "Conv 'stem'", "b": "Relu 'act'", "c": ""}
    assert named_nodes(["st*", "Relu 'act'"], origins) == {"Conv 'stem'", "Relu 'act'"}
    with pytest.raises(UnknownNameError, match="unknown node 'stam'"):
        named_nodes(["stam"], origins)
