"""Real models compared: figures, labels, and the layers that are worst."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from edgekit.converters.calibration import InputSpec, SampleSet
from edgekit.converters.engines import QuantizationRequest
from edgekit.converters.graph import read_graph
from edgekit.converters.graph.flatbuffer import pack_model, unpack_model
from edgekit.converters.parity import (
    ParityError,
    Thresholds,
    compare_models,
    enforce_parity,
)
from edgekit.converters.parity.metrics import LOWEST_DB


def sample_set(case, part=slice(None), **more):
    inputs = [InputSpec(item.name, item.dtype, item.shape) for item in case.source.inputs]
    arrays = {
        spec.name: np.stack([sample[spec.name] for sample in case.samples[part]]) for spec in inputs
    }
    return SampleSet.from_arrays(arrays, inputs, **more)


@pytest.fixture(scope="module")
def two_int8(engine, two_by_two):
    return engine.quantize(two_by_two.lowered, QuantizationRequest(), two_by_two.samples[:20])


@pytest.fixture(scope="module")
def two_report(two_by_two, two_int8):
    evaluation = sample_set(two_by_two, slice(20, None))
    return compare_models(two_by_two.source, two_by_two.lowered, two_int8, evaluation)


def decibels(first, second):
    """Return the SQNR by its formula, in float64."""
    first, second = np.asarray(first, float), np.asarray(second, float)
    return 10 * np.log10(np.sum(first**2) / np.sum((first - second) ** 2))


def every_tensor(content, feeds):
    """Run a model with an interpreter of its own and return its real values by name."""
    interpreter = Interpreter(
        model_content=content,
        experimental_preserve_all_tensors=True,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    interpreter.allocate_tensors()
    for item in interpreter.get_input_details():
        value = feeds[item["name"]]
        scale, point = item["quantization"]
        if scale:
            integers = np.round(value / np.float32(scale)) + point
            value = np.clip(integers, -128, 127).astype(np.int8)
        interpreter.set_tensor(item["index"], value)
    interpreter.invoke()
    values = {}
    for tensor in read_graph(content).main.tensors:
        raw = interpreter.get_tensor(tensor.index)
        quantization = tensor.quantization
        if quantization and not quantization.is_per_channel and raw.dtype != np.int32:
            raw = (raw.astype(float) - quantization.zero_points[0]) * quantization.scales[0]
        values[tensor.name] = raw
    return values


def in_model_axes(case, sample):
    return {item.name: sample[item.name].transpose(item.axes) for item in case.lowered.inputs}


def test_the_report_says_what_was_compared(two_report, two_by_two):
    assert two_report.reference == "torch"
    assert "builtin kernels" in two_report.interpreter
    assert (two_report.samples, two_report.layer_samples) == (20, 16)
    assert two_report.samples_origin == "arrays in memory"
    assert not two_report.used_for_calibration
    assert two_report.metric is None
    names = [output.name for output in two_report.outputs]
    assert names == [item.name for item in two_by_two.source.outputs]
    for output in two_report.outputs:
        assert output.float_model.decibels > 100
        assert 20 < output.final_model.decibels < 60
        assert 0.99 < output.final_model.cosine <= 1
    json.dumps(two_report.to_json(), allow_nan=False)


def test_the_figures_are_those_of_the_formula(two_report, two_by_two, two_int8):
    expected = {item.name: [] for item in two_by_two.lowered.outputs}
    actual = {item.name: [] for item in two_by_two.lowered.outputs}
    for sample in two_by_two.samples[20:]:
        values = every_tensor(two_int8, in_model_axes(two_by_two, sample))
        truth = two_by_two.source.reference.run(sample)
        for item in two_by_two.lowered.outputs:
            expected[item.name].append(truth[item.name].transpose(item.axes))
            actual[item.name].append(values[item.name])
    for output in two_report.outputs:
        figure = decibels(expected[output.name], actual[output.name])
        assert output.final_model.sqnr_db == pytest.approx(figure, abs=1e-3)


def layer_figures(case, final, samples):
    """Compute the SQNR of each tensor that operators of both models write under one name."""
    written = [
        {t.name for op in main.operators for t in main.outputs_of(op)}
        for main in (read_graph(case.lowered.tflite).main, read_graph(final).main)
    ]
    pairs = {name: ([], []) for name in written[0] & written[1]}
    for sample in samples:
        feeds = in_model_axes(case, sample)
        values = [every_tensor(content, feeds) for content in (case.lowered.tflite, final)]
        for name, lists in pairs.items():
            for collected, found in zip(lists, values, strict=True):
                collected.append(found[name])
    return {
        name: decibels(first, second)
        for name, (first, second) in pairs.items()
        if np.shape(first) == np.shape(second) and not np.array_equal(first, second)
    }


def damaged(content, kind, number):
    """Return the model with the weights of one layer negated."""
    model = unpack_model(content)
    subgraph = model.subgraphs[0]
    main = read_graph(content).main
    layer = [operator for operator in main.operators if operator.kind == kind][number]
    weights = subgraph.tensors[layer.inputs[1]]
    data = np.asarray(model.buffers[weights.buffer].data, np.uint8).view(np.int8)
    model.buffers[weights.buffer].data = (-np.maximum(data, -127)).view(np.uint8)
    return pack_model(model), main.tensors[layer.outputs[0]].name


@pytest.mark.parametrize(("kind", "number"), [("FULLY_CONNECTED", 0), ("FULLY_CONNECTED", 1)])
def test_the_worst_layer_is_the_one_that_was_damaged(two_by_two, two_int8, kind, number):
    broken, name = damaged(two_int8, kind, number)
    evaluation = sample_set(two_by_two, slice(20, None))
    report = compare_models(two_by_two.source, two_by_two.lowered, broken, evaluation)
    figures = layer_figures(two_by_two, broken, two_by_two.samples[20:36])
    assert name in figures
    given = [(layer.tensor, layer.final_model.sqnr_db) for layer in report.worst_layers]
    assert given == [
        (tensor, pytest.approx(figures[tensor], abs=1e-3))
        for tensor in sorted(figures, key=figures.get)[:10]
    ]
    worst = report.worst_layers[0]
    assert worst.tensor == name
    assert worst.operator == kind
    assert worst.origin.startswith("Gemm 'node_linear")
    with pytest.raises(ParityError) as caught:
        enforce_parity(report, Thresholds(min_sqnr_db=25))
    assert caught.value.details[1].endswith(f"{kind} from {worst.origin}")


def test_labels_give_top_one_of_all_three(engine, classifier):
    content = engine.quantize(classifier.lowered, QuantizationRequest(), classifier.samples[:20])
    name = classifier.source.outputs[0].name
    best = [
        int(np.argmax(classifier.source.reference.run(sample)[name]))
        for sample in classifier.samples
    ]
    labels = np.array(best)
    labels[:15] = (labels[:15] + 1) % 4  # of sixty
    evaluation = sample_set(classifier, labels=labels)
    done = []
    report = compare_models(classifier.source, classifier.lowered, content, evaluation, done.append)
    assert done == list(range(1, 61))
    metric = report.metric
    assert (metric.name, metric.output, metric.count) == ("top-1", name, 60)
    assert metric.source == metric.float_model == 75.0
    assert abs(metric.drop) < 15
    enforce_parity(report, Thresholds(max_drop=15))
    evaluation = replace(evaluation, overlaps=True)
    again = compare_models(classifier.source, classifier.lowered, content, evaluation)
    assert again.used_for_calibration
    assert again.metric == metric


def test_a_float_model_has_no_worst_layers(classifier):
    evaluation = sample_set(classifier, slice(5))
    report = compare_models(
        classifier.source, classifier.lowered, classifier.lowered.tflite, evaluation
    )
    assert report.worst_layers == ()
    assert report.layer_samples == 5
    assert report.outputs[0].float_model == report.outputs[0].final_model


def test_a_model_that_gives_nan_is_refused(classifier):
    """Comparisons with NaN are false: no threshold may be kept that way."""
    model = unpack_model(classifier.lowered.tflite)
    main = read_graph(classifier.lowered.tflite).main
    dense = next(operator for operator in main.operators if operator.kind == "FULLY_CONNECTED")
    weights = model.subgraphs[0].tensors[dense.inputs[1]]
    data = np.full(main.tensors[dense.inputs[1]].shape, math.nan, np.float32)
    model.buffers[weights.buffer].data = np.frombuffer(data.tobytes(), np.uint8)
    evaluation = sample_set(classifier, slice(5))
    report = compare_models(classifier.source, classifier.lowered, pack_model(model), evaluation)
    final = report.outputs[0].final_model
    assert (final.sqnr_db, final.cosine) == (LOWEST_DB, 0.0)
    assert report.worst_layers[0].operator == "FULLY_CONNECTED"
    json.dumps(report.to_json(), allow_nan=False)
    with pytest.raises(ParityError, match=r"-300\.0 dB SQNR"):
        enforce_parity(report, Thresholds())
