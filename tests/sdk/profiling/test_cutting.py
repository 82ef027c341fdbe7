"""Models that end earlier compute what the whole does up to there."""

from dataclasses import replace

import numpy as np
import pytest

from edgekit.benchmarks import random_inputs
from edgekit.converters.graph import read_graph
from edgekit.profiling.cutting import beginning, external_tensors, prefix
from edgekit.runtime import Kernels, open_interpreter


def outputs(content, inputs):
    interpreter, _ = open_interpreter(content, kernels=Kernels.REFERENCE, preserve_all_tensors=True)
    for detail in interpreter.get_input_details():
        interpreter.set_tensor(detail["index"], inputs[detail["name"]])
    interpreter.invoke()
    return interpreter


@pytest.fixture(params=["conv", "pair"])
def bundle(request, tflite_models, tmp_path):
    return getattr(tflite_models, f"{request.param}_bundle")(tmp_path / "net.edgekit")


def test_every_prefix_gives_out_what_the_rest_reads(bundle):
    graph = read_graph(bundle.model)
    inputs = random_inputs(bundle.manifest.inputs, seed=0)[0]
    whole = outputs(bundle.model, inputs)
    for count in range(1, len(graph.main.operators) + 1):
        operators = graph.main.operators[:count]
        part = outputs(prefix(graph, operators), inputs)
        made = {detail["index"] for detail in part.get_output_details()}
        read = {index for later in graph.main.operators[count:] for index in later.inputs}
        written = {index for operator in operators for index in operator.outputs}
        assert made == written & (read | {*graph.main.outputs})
        for index in made:
            np.testing.assert_array_equal(part.get_tensor(index), whole.get_tensor(index))


def test_unused_constants_are_left_out(tflite_models):
    content = tflite_models.conv_model()
    graph = read_graph(content)
    first = read_graph(prefix(graph, graph.main.operators[:1]))
    kept = {tensor.name for tensor in first.main.tensors if tensor.is_constant}
    assert kept == {"w", "b"}


def test_an_operator_whose_result_nobody_reads_ends_a_model_too(tflite_models, tmp_path):
    graph = read_graph(tflite_models.pair_bundle(tmp_path / "pair.edgekit").model)
    main = graph.main
    product = next(tensor.index for tensor in main.tensors if tensor.name == "product")
    alone = replace(graph, subgraphs=(replace(main, outputs=(product,)),))
    part = read_graph(prefix(alone, main.operators[:1]))
    assert [part.main.tensors[index].name for index in part.main.outputs] == ["sum"]


def test_the_beginning_computes_nothing(bundle):
    inputs = random_inputs(bundle.manifest.inputs, seed=0)[0]
    interpreter = outputs(beginning(read_graph(bundle.model)), inputs)
    for detail in interpreter.get_output_details():
        np.testing.assert_array_equal(
            interpreter.get_tensor(detail["index"]), inputs[detail["name"]]
        )


def test_tensors_at_the_borders(tflite_models):
    main = read_graph(tflite_models.conv_model()).main
    names = {tensor.index: tensor.name for tensor in main.tensors}

    def named(indices):
        return {names[index] for index in indices}

    graph = read_graph(tflite_models.conv_model())
    read, written = external_tensors(graph, [0])
    assert (named(read), named(written)) == ({"image", "w", "b"}, {"conv"})
    read, written = external_tensors(graph, [0, 1, 2])
    assert (named(read), named(written)) == ({"image", "w", "b", "shape"}, {"scores"})
