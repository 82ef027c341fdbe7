"""Shapes come from a run, and what depends on no input becomes a constant."""

import numpy as np
import pytest

from edgekit.converters.graph import DataType, Graph
from edgekit.converters.graph.builder import GraphBuilder, Value
from edgekit.converters.sources import SourceError
from edgekit.converters.sources.tflite_folding import fold_known, refuse_computed_shapes

INT32 = DataType.INT32


def values_of(main, **known):
    """Return the values of a run: zeros of the declared shape, but for those that are given."""
    return {
        tensor.index: known.get(tensor.name, np.zeros(tensor.shape, tensor.dtype.numpy))
        for tensor in main.tensors
        if tensor.dtype.numpy
    }


def test_float16_weights_and_arithmetic_on_shapes_become_constants(dense_graph):
    real = np.array([[1.5, -2.0, 0.25]], np.float32)

    def add(builder):
        (y,) = builder.outputs
        half = builder.constant(real.astype(np.float16), "half")
        term = builder.emit("DEQUANTIZE", [half], (1, 3), dtype=DataType.FLOAT32, name="term")
        total = builder.emit("ADD", [y, term], (1, 3), name="sum")
        shape = builder.emit("SHAPE", [total], (2,), dtype=INT32, name="shape")
        minus = builder.integers((0, 0), "zero")
        target = builder.emit("ADD", [shape, minus], (2,), name="target")
        builder.outputs = [builder.emit("RESHAPE", [total, target], (1, 3), name="z")]

    main = dense_graph(add).main
    known = {name: np.array([1, 3], np.int32) for name in ("shape", "target")}
    folded = fold_known(main, values_of(main, term=real, **known))

    assert [item.kind for item in folded.operators] == ["FULLY_CONNECTED", "ADD", "RESHAPE"]
    assert [item.index for item in folded.operators] == [0, 1, 2]
    builder = GraphBuilder.of(Graph((folded,)))
    constants = {value.name: value.data for node in builder.nodes for value in node.reads()}
    np.testing.assert_array_equal(constants["term"], real)
    np.testing.assert_array_equal(constants["target"], [1, 3])
    refuse_computed_shapes("net", folded)


def test_shapes_are_those_of_the_run(dense_graph):
    main = dense_graph().main
    folded = fold_known(main, values_of(main, x=np.zeros((5, 4)), y=np.zeros((5, 3))))
    assert [folded.tensors[i].shape for i in (*folded.inputs, *folded.outputs)] == [(5, 4), (5, 3)]


def test_a_reshape_to_a_scalar_is_not_computed(dense_graph):
    """Its shape has no elements, and so no data in the file."""

    def add(builder):
        total = builder.emit("SUM", [builder.outputs[0], builder.integers((0, 1), "axes")], (1,))
        empty = Value("empty", (0,), INT32)
        builder.outputs = [builder.emit("RESHAPE", [total, empty], (), name="z")]

    main = dense_graph(add).main
    refuse_computed_shapes("net", fold_known(main, values_of(main)))


@pytest.mark.parametrize("kind", ["RESHAPE", "FILL", "TILE"])
def test_shapes_that_depend_on_values_are_refused(dense_graph, kind):
    def add(builder):
        sizes = Value("sizes", (2,), INT32)
        builder.inputs.append(sizes)
        inputs = [sizes, builder.outputs[0]] if kind == "FILL" else [builder.outputs[0], sizes]
        builder.outputs = [builder.emit(kind, inputs, (1, 3), name="z")]

    main = dense_graph(add).main
    with pytest.raises(SourceError, match=f"the shape of 'z' in net .* {kind} #1") as caught:
        refuse_computed_shapes("net", fold_known(main, values_of(main)))
    assert "fixed sizes" in caught.value.hint


def test_operators_whose_shape_is_never_known_are_refused(dense_graph):
    def add(builder):
        where = builder.emit("WHERE", [builder.outputs[0]], (1, 2), dtype=DataType.INT64, name="z")
        builder.outputs = [where]

    main = dense_graph(add).main
    with pytest.raises(SourceError, match="WHERE #1"):
        refuse_computed_shapes("net", fold_known(main, values_of(main)))


def test_an_output_that_depends_on_no_input_is_refused(dense_graph):
    def add(builder):
        shape = builder.emit("SHAPE", [builder.outputs[0]], (2,), dtype=INT32, name="sizes")
        builder.outputs.append(shape)

    main = dense_graph(add).main
    with pytest.raises(SourceError, match="output 'sizes' of net depends on no input"):
        refuse_computed_shapes("net", fold_known(main, values_of(main)))
