"""TensorScatter is exact in float and full integer in int8, or refused."""

import numpy as np
import pytest
from onnx import helper

from edgekit.bundle.manifest import Io, Scheme
from edgekit.converters.cache import Cache
from edgekit.converters.contract import ContractContext, check_contract
from edgekit.converters.engines.own_engine import OwnEngine
from edgekit.converters.graph import read_graph
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.lowering import RefusedError
from edgekit.converters.parity.metrics import sqnr_db
from edgekit.converters.request import QuantizationRequest
from edgekit.converters.sources.base import probe_sample
from edgekit.converters.sources.canonical import canonicalise

SHAPES = {"cache": (2, 3, 8, 4), "update": (2, 3, 2, 4)}


def model(make_model, places, **attributes):
    node = helper.make_node("TensorScatter", ["cache", "update", "at"], ["y"], **attributes)
    return make_model([node], SHAPES, ["y"], {"at": np.array(places)}, opset=24)


@pytest.mark.parametrize(("places", "mode"), [([3, 3], "linear"), ([6, 6], "circular")])
def test_it_is_exact(lower, make_model, places, mode):
    assert lower(model(make_model, places, mode=mode)).kinds == ["DYNAMIC_UPDATE_SLICE"]


@pytest.mark.parametrize(("places", "why"), [([1, 2], "different places"), ([7, 7], "wraps")])
def test_what_has_no_kernel_is_refused(lower, make_model, places, why):
    with pytest.raises(RefusedError, match=why):
        lower(model(make_model, places, mode="circular"))


def test_it_is_full_integer(make_model, tmp_path):
    source = canonicalise(model(make_model, [3, 3]), kind="onnx", name="m", input_shapes={})
    samples = [probe_sample(source.inputs, seed) for seed in range(8)]
    with OwnEngine(Cache(tmp_path), tmp_path / "log") as engine:
        lowered = engine.lower(source)
        made = engine.quantize(lowered, QuantizationRequest(), samples)
    assert not check_contract(read_graph(made), ContractContext(Scheme.INT8, Io.INT8))
    actual = TfliteRunner(made, lowered.inputs, lowered.outputs).run(samples[0])
    assert sqnr_db(source.reference.run(samples[0])["y"], actual["y"]) > 30
