"""What cannot be taken is refused by a rule, with its operators and what to do."""

from dataclasses import replace

import pytest
from ai_edge_litert import schema_py_generated as schema

from edgekit.converters.graph import DataType, Quantization, write_graph
from edgekit.converters.graph.builder import Value
from edgekit.converters.graph.flatbuffer import unpack_model
from edgekit.converters.sources import SourceError
from edgekit.converters.sources.tflite_checks import refuse_unfit_graph, refuse_unread_parts


def refused(graph):
    with pytest.raises(SourceError) as caught:
        refuse_unfit_graph("net.tflite", graph)
    assert caught.value.message.startswith("net.tflite cannot be taken. ")
    assert caught.value.hint
    return caught.value


def changed_tensor(graph, **fields):
    """Return the graph with its weights changed."""
    tensors = tuple(replace(t, **fields) if t.name == "w" else t for t in graph.main.tensors)
    return replace(graph, subgraphs=(replace(graph.main, tensors=tensors),))


def test_a_plain_float_graph_passes(dense_graph):
    refuse_unfit_graph("net.tflite", dense_graph())


def test_several_subgraphs(dense_graph):
    graph = dense_graph()
    error = refused(replace(graph, subgraphs=graph.subgraphs * 2))
    assert error.details == ("it has 2 subgraphs: 'main', 'main'",)
    assert "unroll=True" in error.hint


def test_custom_operators(dense_graph):
    graph = dense_graph()
    custom = replace(graph.main.operators[0], is_custom=True, kind="FlexErf")
    error = refused(replace(graph, subgraphs=(replace(graph.main, operators=(custom,)),)))
    assert error.details == ("operator #0 is the custom operator FlexErf",)


def test_a_quantized_model(dense_graph):
    graph = changed_tensor(
        dense_graph(), dtype=DataType.INT8, quantization=Quantization((0.1,), (0,), 0)
    )
    error = refused(graph)
    assert error.details == ("tensor 'w' is INT8 with a scale",)
    assert "without quantization" in error.hint


def test_a_scale_of_zero_is_none(dense_graph):
    none = Quantization((0.0,), (0,), 0)
    refuse_unfit_graph(
        "net.tflite", changed_tensor(dense_graph(), dtype=DataType.INT32, quantization=none)
    )


@pytest.mark.parametrize("dtype", [DataType.FLOAT64, DataType.STRING, DataType.RESOURCE])
def test_other_types(dense_graph, dtype):
    assert refused(changed_tensor(dense_graph(), dtype=dtype)).details == (
        f"tensor 'w' is {dtype}",
    )


def test_arithmetic_in_float16(dense_graph):
    graph = changed_tensor(dense_graph(), dtype=DataType.FLOAT16, data=None)
    assert refused(graph).details == ("tensor 'w' is computed in FLOAT16",)


def test_state(dense_graph):
    error = refused(changed_tensor(dense_graph(), is_variable=True, data=None))
    assert error.details == ("tensor 'w' keeps its value between invocations",)


def test_randomness(dense_graph):
    def add_noise(builder):
        shape = builder.integers((1, 3), "shape")
        builder.emit("RANDOM_UNIFORM", [shape], (1, 3), dtype=DataType.FLOAT32)

    assert refused(dense_graph(add_noise)).details == ("operator #1 is RANDOM_UNIFORM",)


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        (lambda b: b.outputs.append(b.inputs[0]), "2 of its inputs and outputs are called 'x'"),
        (lambda b: b.outputs.append(b.outputs[0]), "2 of its inputs and outputs are called 'y'"),
        (lambda b: b.outputs.clear(), "it has 1 inputs and 0 outputs"),
        (
            lambda b: setattr(b.inputs[0], "name", ""),
            "1 of its inputs and outputs are called ''",
        ),
    ],
)
def test_interfaces_that_are_not_plain(dense_graph, change, detail):
    def changed(builder):
        change(builder)
        # What finish() would make unique is left as foreign files have it.
        builder.finish = lambda: _written_as_it_is(builder)

    assert refused(dense_graph(changed)).details == (detail,)


def _written_as_it_is(builder):
    graph = type(builder).finish(builder)
    indices = {value: i for i, value in enumerate([*builder.inputs, *builder.outputs][:2])}
    outputs = tuple(indices.get(value, 1) for value in builder.outputs)
    return replace(graph, subgraphs=(replace(graph.main, outputs=outputs),))


def test_many_findings_are_counted(dense_graph):
    def add_noise(builder):
        for _ in range(7):
            shape = builder.integers((1, 3), "shape")
            builder.emit("RANDOM_UNIFORM", [shape], (1, 3), dtype=DataType.FLOAT32)

    details = refused(dense_graph(add_noise)).details
    assert len(details) == 6
    assert details[-1] == "... and 2 more"


def test_sparse_weights_are_refused(dense_graph):
    model = unpack_model(write_graph(dense_graph()))
    refuse_unread_parts("net.tflite", model)
    model.subgraphs[0].tensors[0].sparsity = schema.SparsityParametersT()
    with pytest.raises(SourceError, match="sparse format"):
        refuse_unread_parts("net.tflite", model)


def test_options_of_a_newer_schema_are_refused(dense_graph):
    model = unpack_model(write_graph(dense_graph()))
    operator = model.subgraphs[0].operators[0]
    operator.builtinOptionsType, operator.builtinOptions = 99, None
    with pytest.raises(SourceError, match="options of an unknown kind") as caught:
        refuse_unread_parts("net.tflite", model)
    assert "ai-edge-litert" in caught.value.hint


def test_state_of_a_value_is_written(dense_graph):
    """The flag that the rule above looks at comes from the file."""

    def add_state(builder):
        state = Value("state", (1, 3), DataType.FLOAT32, is_variable=True)
        builder.emit("ADD", [builder.outputs[0], state], (1, 3))

    assert refused(dense_graph(add_state)).details == (
        "tensor 'state' keeps its value between invocations",
    )
