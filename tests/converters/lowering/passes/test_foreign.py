"""Forms of other converters become ours, with LiteRT's own kernels as the judge."""

import numpy as np
import pytest

from edgekit.converters.cache import Cache
from edgekit.converters.engines.own_engine import OwnEngine
from edgekit.converters.graph import DataType, read_graph, write_graph
from edgekit.converters.graph.builder import GraphBuilder, Value
from edgekit.converters.sources import open_source

FLOAT32, BOOL = DataType.FLOAT32, DataType.BOOL
CONV = {"padding": 0, "stride_w": 1, "stride_h": 1}
CONV |= {"dilation_w_factor": 1, "dilation_h_factor": 1}


@pytest.fixture
def kinds(tmp_path):
    """Take over a graph that a function builds; return its operators after the proof."""

    def run(build):
        builder = GraphBuilder()
        build(builder)
        path = tmp_path / "net.tflite"
        path.write_bytes(write_graph(builder.finish()))
        log = tmp_path / "log"
        lowered = OwnEngine(Cache(tmp_path), log).lower(open_source(path))
        return [item.kind for item in read_graph(lowered.tflite).main.operators]

    return run


def given(builder, name, shape, dtype=FLOAT32):
    value = Value(name, shape, dtype)
    builder.inputs.append(value)
    return value


def known(builder, *shape):
    values = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    return builder.constant(values, "known")


def test_embeddings_are_gathered(kinds):
    def build(builder):
        places = given(builder, "places", (5,), DataType.INT32)
        inputs = [places, known(builder, 4, 3)]
        rows = builder.emit("EMBEDDING_LOOKUP", inputs, (5, 3), dtype=FLOAT32, name="y")
        builder.outputs = [rows]

    assert kinds(build) == ["GATHER"]


@pytest.mark.parametrize(("mask", "kind"), [((2, 3), "SELECT_V2"), ((2,), "SELECT")])
def test_a_choice_of_equal_shapes_has_one_form(kinds, mask, kind):
    """A mask of one axis chooses rows, which no broadcast does."""

    def build(builder):
        inputs = [given(builder, "mask", mask, BOOL)]
        inputs += [given(builder, name, (2, 3)) for name in "ab"]
        builder.outputs = [builder.emit("SELECT", inputs, (2, 3), dtype=FLOAT32, name="y")]

    assert kinds(build) == [kind]


@pytest.mark.parametrize("count", [2, 3, 4])
def test_a_sum_of_many_is_a_chain(kinds, count):
    def build(builder):
        inputs = [given(builder, f"x{number}", (2, 3)) for number in range(count)]
        builder.outputs = [builder.emit("ADD_N", inputs, (2, 3), name="y")]

    assert kinds(build) == ["ADD"] * (count - 1)


@pytest.mark.parametrize("activation", [0, 1, 3])
@pytest.mark.parametrize("is_known", [(False, True), (True, False), (False, False)])
def test_a_bias_without_known_numbers_is_added(kinds, activation, is_known):
    def build(builder):
        x = given(builder, "x", (1, 4))
        weights = known(builder, 3, 4) if is_known[0] else given(builder, "weights", (3, 4))
        bias = known(builder, 3) if is_known[1] else given(builder, "bias", (3,))
        options = {"fused_activation_function": activation}
        inputs = [x, weights, bias]
        builder.outputs = [builder.emit("FULLY_CONNECTED", inputs, (1, 3), name="y", **options)]

    assert kinds(build) == ["FULLY_CONNECTED", "ADD"]


def test_a_bias_of_known_numbers_stays(kinds):
    def build(builder):
        inputs = [given(builder, "x", (1, 4)), known(builder, 3, 4), known(builder, 3)]
        builder.outputs = [builder.emit("FULLY_CONNECTED", inputs, (1, 3), name="y")]

    assert kinds(build) == ["FULLY_CONNECTED"]


def test_a_computed_bias_of_a_convolution_is_added(kinds):
    def build(builder):
        inputs = [given(builder, "x", (1, 5, 5, 2)), known(builder, 4, 3, 3, 2)]
        inputs.append(given(builder, "bias", (4,)))
        builder.outputs = [builder.emit("CONV_2D", inputs, (1, 5, 5, 4), name="y", **CONV)]

    assert kinds(build) == ["CONV_2D", "ADD"]
