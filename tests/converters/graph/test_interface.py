"""Renamed and reordered interfaces: the same numbers under other names."""

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from edgekit.converters.graph import MalformedModelError, read_graph, with_interface
from edgekit.converters.graph.flatbuffer import unpack_model

INPUTS = [("a", "left"), ("b", "right")]
OUTPUTS = [("sum", "total"), ("product", "area")]


@pytest.fixture
def pair(tflite_models, tmp_path):
    """A model with inputs b, a and outputs product, sum, in this order."""
    return tflite_models.pair_bundle(tmp_path / "pair.edgekit").model


def names(content):
    main = read_graph(content).main
    return [[main.tensors[i].name for i in indices] for indices in (main.inputs, main.outputs)]


def test_names_and_order_change_and_values_do_not(pair, tflite_models):
    assert names(pair) == [["b", "a"], ["product", "sum"]]
    changed = with_interface(pair, INPUTS, OUTPUTS)
    assert names(changed) == [["left", "right"], ["total", "area"]]
    generator = np.random.default_rng(0)
    a, b = generator.integers(-128, 128, (2, 1, 4), dtype=np.int8)
    before = tflite_models.run_by_name(pair, {"a": a, "b": b})
    after = tflite_models.run_by_name(changed, {"left": a, "right": b})
    np.testing.assert_array_equal(after["total"], before["sum"])
    np.testing.assert_array_equal(after["area"], before["product"])


def test_the_signature_has_the_same_names(pair):
    interpreter = Interpreter(model_content=with_interface(pair, INPUTS, OUTPUTS))
    (signature,) = interpreter.get_signature_list().values()
    assert {kind: set(names) for kind, names in signature.items()} == {
        "inputs": {"left", "right"},
        "outputs": {"total", "area"},
    }
    ones = np.ones((1, 4), np.int8)
    given = interpreter.get_signature_runner()(left=ones, right=ones)
    assert set(given) == {"total", "area"}


def test_names_can_be_swapped(pair, tflite_models):
    changed = with_interface(
        pair, [("a", "b"), ("b", "a")], [("sum", "product"), ("product", "sum")]
    )
    a, b = np.full((1, 4), 3, np.int8), np.full((1, 4), 40, np.int8)
    before, after = (
        tflite_models.run_by_name(pair, {"a": a, "b": b}),
        tflite_models.run_by_name(changed, {"b": a, "a": b}),
    )
    np.testing.assert_array_equal(after["product"], before["sum"])
    np.testing.assert_array_equal(after["sum"], before["product"])


def test_inner_tensors_that_bear_a_wanted_name_make_way(tflite_models):
    content = tflite_models.conv_model()
    changed = with_interface(content, [("image", "conv")], [("scores", "flat")])
    assert names(changed) == [["conv"], ["flat"]]
    every = [tensor.name for tensor in read_graph(changed).main.tensors]
    assert len(set(every)) == len(every)
    picture = np.arange(72, dtype=np.int8).reshape(tflite_models.CONV_SHAPE)
    before, after = (
        tflite_models.run_by_name(content, {"image": picture}),
        tflite_models.run_by_name(changed, {"conv": picture}),
    )
    np.testing.assert_array_equal(after["flat"], before["scores"])


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        ([("image", "x"), ("other", "y")], [("scores", "z")]),
        ([("picture", "x")], [("scores", "z")]),
        ([("image", "x")], []),
    ],
)
def test_another_interface_than_expected_is_an_error(tflite_models, inputs, outputs):
    with pytest.raises(MalformedModelError, match="its interface is"):
        with_interface(tflite_models.conv_model(), inputs, outputs)


def test_weights_of_a_real_model_stay_aligned(test_data, tflite_models):
    content = (test_data / "kws_ref_int8.tflite").read_bytes()
    main = read_graph(content).main
    old = [main.tensors[index].name for index in (*main.inputs, *main.outputs)]
    changed = with_interface(content, [(old[0], "speech")], [(old[1], "word")])
    whole = np.frombuffer(changed, np.uint8)
    for buffer in unpack_model(changed).buffers:
        if buffer.data is not None and len(buffer.data):
            raw = np.asarray(buffer.data, np.uint8).tobytes()
            found = changed.find(raw)
            while found % 16 and found != -1:  # small constants may occur elsewhere as well
                found = changed.find(raw, found + 1)
            assert found != -1, "no aligned place holds these data"
    assert whole.size
    sample = np.random.default_rng(1).integers(-128, 128, (1, 49, 10, 1), dtype=np.int8)
    sample = sample.reshape(main.tensors[main.inputs[0]].shape)
    np.testing.assert_array_equal(
        tflite_models.run_by_name(changed, {"speech": sample})["word"],
        tflite_models.run_by_name(content, {old[0]: sample})[old[1]],
    )
