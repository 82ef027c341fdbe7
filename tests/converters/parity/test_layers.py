"""Inner tensors against the source's own, which onnxruntime gives for itself here."""

from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from edgekit.converters.cache import Cache
from edgekit.converters.engines import QuantizationRequest
from edgekit.converters.engines.own_engine import OwnEngine
from edgekit.converters.graph import read_graph
from edgekit.converters.parity.layers import LAYER_SAMPLES, worst_layers


@pytest.fixture(scope="module")
def own(exported, tmp_path_factory):
    """Return the classifier lowered and quantized by our engine."""
    log = tmp_path_factory.mktemp("own") / "log"
    engine = OwnEngine(Cache(log.parent), log)
    lowered = engine.lower(exported.source)
    integer = engine.quantize(lowered, QuantizationRequest(), exported.samples[:20])
    return exported.source, lowered, integer, exported.samples


def of_the_source(content, sample):
    """Run an ONNX model with all of its tensors as outputs."""
    model = onnx.load_from_string(content)
    known = {value.name for value in model.graph.output}
    names = [name for node in model.graph.node for name in node.output]
    model.graph.output.extend(onnx.ValueInfoProto(name=n) for n in names if n not in known)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return dict(
        zip([o.name for o in session.get_outputs()], session.run(None, sample), strict=True)
    )


def of_the_model(content, sample, axes):
    """Return the real values of every tensor that an operator of a TFLite model writes."""
    interpreter = Interpreter(
        model_content=content,
        experimental_preserve_all_tensors=True,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    interpreter.allocate_tensors()
    (given,) = interpreter.get_input_details()
    (value,) = (array.transpose(axes) for array in sample.values())
    scale, point = given["quantization"]
    if scale:
        value = np.clip(np.round(value / np.float32(scale)) + point, -128, 127).astype(np.int8)
    interpreter.set_tensor(given["index"], value)
    interpreter.invoke()
    main = read_graph(content).main
    values = {}
    for tensor in (tensor for op in main.operators for tensor in main.outputs_of(op)):
        raw = interpreter.get_tensor(tensor.index)
        if tensor.quantization:
            raw = (raw.astype(float) - tensor.quantization.zero_points[0]) * (
                tensor.quantization.scales[0]
            )
        values[tensor.name] = raw
    return values


def test_each_layer_is_held_against_the_tensor_of_the_source(own):
    source, lowered, integer, samples = own
    (axes,) = (item.axes for item in lowered.inputs)
    layers = worst_layers(source, lowered, integer, samples)
    assert layers
    assert {"CONV_2D", "FULLY_CONNECTED"} <= {layer.operator for layer in layers}
    for layer in layers:
        truth, models = [], {"float_model": [], "final_model": []}
        for sample in samples[:LAYER_SAMPLES]:
            link = lowered.links[layer.tensor]
            values = of_the_source(source.content, sample)[layer.source_tensor]
            for name, content in (("float_model", lowered.tflite), ("final_model", integer)):
                models[name].append(of_the_model(content, sample, axes)[layer.tensor])
            truth.append(values.transpose(link.axes).reshape(models["final_model"][-1].shape))
        truth = np.array(truth, float)
        noise = np.sum((truth - np.array(models["final_model"])) ** 2)
        expected = 10 * np.log10(np.sum(truth**2) / noise)
        assert layer.final_model.sqnr_db == pytest.approx(expected, abs=1e-3)
        assert 10 < layer.final_model.decibels < 70
        np.testing.assert_allclose(models["float_model"], truth, rtol=1e-4, atol=1e-5)
        assert layer.float_model.decibels > 100
    order = [layer.final_model.decibels for layer in layers]
    assert order == sorted(order)


def test_without_links_the_float_model_is_the_measure(own):
    source, lowered, integer, samples = own
    layers = worst_layers(source, replace(lowered, links={}), integer, samples[:4])
    assert layers
    assert {(layer.source_tensor, layer.float_model) for layer in layers} == {(None, None)}


def test_a_float_model_is_as_far_from_the_source_as_rounding(own):
    source, lowered, _, samples = own
    layers = worst_layers(source, lowered, lowered.tflite, samples[:2])
    assert all(layer.final_model == layer.float_model for layer in layers)
    assert all(layer.final_model.decibels > 100 for layer in layers)
