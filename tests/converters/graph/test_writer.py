"""What is written is read back as it was: random graphs, and models made elsewhere."""

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given
from hypothesis import strategies as st

from edgekit.converters.graph import (
    DataType,
    Graph,
    MalformedModelError,
    Operator,
    Quantization,
    Signature,
    Subgraph,
    Tensor,
    read_graph,
    write_graph,
)
from edgekit.converters.graph.options_table import OPTIONS_TYPES
from edgekit.runtime.interpreter import open_interpreter

names = st.text("abcdefghij/:;_ é", max_size=12)
float32 = st.floats(2.0**-60, 2.0**60, width=32)
sizes = st.integers(0, 5)


# Fields that hold text; a default of None does not tell them from lists.
TEXTS = {("VarHandleOptions", "container"), ("VarHandleOptions", "sharedName")}


@st.composite
def quantizations(draw):
    count = draw(st.integers(1, 4))
    scales = draw(st.lists(float32, min_size=count, max_size=count))
    points = draw(st.lists(st.integers(-(2**31), 2**31), min_size=count, max_size=count))
    return Quantization(tuple(scales), tuple(points), draw(st.integers(0, 3)))


@st.composite
def tensors(draw, index):
    return Tensor(
        index=index,
        name=draw(names),
        shape=tuple(draw(st.lists(sizes, max_size=5))),
        dtype=draw(st.sampled_from(DataType)),
        quantization=draw(st.none() | quantizations()),
        data=draw(st.none() | st.binary(min_size=1, max_size=40)),
        is_variable=draw(st.booleans()),
    )


@st.composite
def operators(draw, index, count):
    custom = draw(st.booleans())
    kind = draw(names.filter(bool)) if custom else draw(st.sampled_from(sorted(OPTIONS_TYPES)))
    places = st.integers(0, count - 1)
    return Operator(
        index=index,
        kind=kind,
        version=draw(st.integers(1, 12)),
        inputs=tuple(draw(st.lists(places | st.just(-1), max_size=4))),
        outputs=tuple(draw(st.lists(places, max_size=3))),
        is_custom=custom,
        options={} if custom else _options(draw, OPTIONS_TYPES[kind]),
        options_type="" if custom else OPTIONS_TYPES[kind],
        custom_options=draw(st.none() | st.binary(min_size=1, max_size=9)) if custom else None,
    )


def _options(draw, name):
    """Fill the fields of the schema's class, by what its defaults are."""
    found = {}
    for attribute, default in vars(getattr(schema, f"{name}T")()).items():
        snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in attribute)
        if isinstance(default, bool):
            found[snake] = draw(st.booleans())
        elif isinstance(default, int):
            found[snake] = draw(st.integers(0, 3))
        elif isinstance(default, float):
            found[snake] = draw(st.floats(-4, 4, width=16))
        elif (name, attribute) in TEXTS:
            found[snake] = draw(st.none() | names.map(str.encode))
        else:
            found[snake] = draw(st.none() | st.lists(sizes, min_size=1, max_size=3).map(tuple))
    return found


@st.composite
def graphs(draw):
    count = draw(st.integers(1, 6))
    found = tuple(draw(tensors(index)) for index in range(count))
    places = st.lists(st.integers(0, count - 1), max_size=3).map(tuple)
    ops = tuple(draw(operators(i, count)) for i in range(draw(st.integers(0, 4))))
    main = Subgraph(draw(names), found, ops, draw(places), draw(places))
    interface = st.dictionaries(names, st.integers(0, count - 1), max_size=3)
    signatures = st.builds(Signature, names, st.just(0), interface, interface)
    return Graph(
        (main,),
        signatures=tuple(draw(st.lists(signatures, max_size=2))),
        metadata=draw(st.dictionaries(names, st.binary(min_size=1, max_size=9), max_size=2)),
        description=draw(names),
    )


@given(graphs())
def test_what_is_written_is_read_back(graph):
    content = write_graph(graph)

    assert read_graph(content) == graph
    assert write_graph(read_graph(content)) == content


def _run(content, feed):
    interpreter, _ = open_interpreter(content)
    for detail in interpreter.get_input_details():
        interpreter.set_tensor(detail["index"], feed(detail))
    interpreter.invoke()
    return [interpreter.get_tensor(item["index"]) for item in interpreter.get_output_details()]


def _check_same(content):
    graph = read_graph(content)
    again = write_graph(graph)
    assert read_graph(again) == graph

    def feed(detail):
        values = np.random.default_rng(3).integers(0, 100, detail["shape"])
        return values.astype(detail["dtype"])

    for one, other in zip(_run(content, feed), _run(again, feed), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_model_made_elsewhere_computes_the_same(tflite_models):
    made = tflite_models.conv_model()
    _check_same(made if isinstance(made, bytes) else made[0])


@pytest.mark.parametrize("name", ["kws", "ic", "ad"])
def test_the_reference_models_compute_the_same(test_data, name):
    _check_same((test_data / f"{name}_ref_int8.tflite").read_bytes())


def test_constant_data_are_aligned_for_kernels():
    data = np.arange(7, dtype=np.int8).tobytes()
    tensor = Tensor(0, "w", (7,), DataType.INT8, None, data)
    other = Tensor(1, "v", (3,), DataType.INT8, None, data[:3])
    content = write_graph(Graph((Subgraph("main", (tensor, other), (), (), ()),)))

    model = schema.Model.GetRootAs(content)
    starts = [
        model.Buffers(index).DataAsNumpy().__array_interface__["data"][0]
        - np.frombuffer(content, np.uint8).__array_interface__["data"][0]
        for index in range(1, model.BuffersLength())
    ]
    assert len(starts) == 2
    assert all(start % 16 == 0 for start in starts)


def test_equal_constants_share_a_buffer():
    tensors = tuple(Tensor(i, f"t{i}", (3,), DataType.INT8, None, b"abc") for i in range(4))
    model = schema.Model.GetRootAs(write_graph(Graph((Subgraph("m", tensors, (), (), ()),))))

    assert model.BuffersLength() == 2


@pytest.mark.parametrize(
    ("options_type", "options"), [("NoSuchOptions", {"a": 1}), ("AddOptions", {"no_such": 1})]
)
def test_options_that_the_schema_does_not_know(options_type, options):
    operator = Operator(0, "ADD", 1, (), (), options=options, options_type=options_type)
    graph = Graph((Subgraph("m", (), (operator,), (), ()),))

    with pytest.raises(MalformedModelError, match="has no field"):
        write_graph(graph)
