"""Reading models: right for whole files, one error for anything else."""

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.converters.contract import ContractContext, check_contract
from edgekit.converters.graph import DataType, MalformedModelError, Quantization, read_graph
from edgekit.converters.graph.flatbuffer import pack_model, unpack_model
from edgekit.converters.graph.liveness import peak_activation_bytes
from edgekit.device_profiles import load_profile


def test_the_graph_of_a_small_model(tflite_models):
    content = tflite_models.conv_model()
    graph = read_graph(content)
    main = graph.main
    assert graph.size_bytes == len(content)
    assert [(op.kind, op.version, op.is_custom) for op in main.operators] == [
        ("CONV_2D", 3, False),
        ("RESHAPE", 1, False),
        ("SOFTMAX", 2, False),
    ]
    by_name = {tensor.name: tensor for tensor in main.tensors}
    assert [main.tensors[index].name for index in main.inputs] == ["image"]
    assert [main.tensors[index].name for index in main.outputs] == ["scores"]
    image, weights = by_name["image"], by_name["w"]
    assert (image.shape, image.dtype) == (tflite_models.CONV_SHAPE, DataType.INT8)
    assert image.quantization == Quantization((1 / 128,), (-3,), 0)
    assert weights.is_constant
    assert weights.data_bytes == np.prod(weights.shape) == len(weights.data)
    assert weights.quantization.is_per_channel
    assert weights.quantization.scales == tuple(map(float, tflite_models.conv_weights()[1]))
    assert by_name["shape"].quantization is None
    assert not any(tensor.is_variable for tensor in main.tensors)


@pytest.mark.parametrize("name", ["kws", "ic", "ad"])
def test_tensors_of_real_models_are_what_the_interpreter_says(test_data, name):
    content = (test_data / f"{name}_ref_int8.tflite").read_bytes()
    interpreter = Interpreter(model_content=content)
    details = {item["index"]: item for item in interpreter.get_tensor_details()}
    main = read_graph(content).main
    kinds = [item["op_name"] for item in interpreter._get_ops_details()]
    assert [op.kind for op in main.operators] == kinds[: len(main.operators)]
    for tensor in main.tensors:
        item = details[tensor.index]
        assert (tensor.name, list(tensor.shape)) == (item["name"], item["shape"].tolist())
        assert tensor.dtype.numpy == np.dtype(item["dtype"]).name
        scales = item["quantization_parameters"]["scales"]
        given = tensor.quantization.scales if tensor.quantization else ()
        np.testing.assert_array_equal(np.float32(given), scales)


def test_custom_operators_bear_their_code(tflite_models):
    model = unpack_model(tflite_models.conv_model())
    code = model.operatorCodes[2]
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
    code.customCode = b"FlexErf"
    model.subgraphs[0].operators[2].builtinOptionsType = 0
    last = read_graph(pack_model(model)).main.operators[-1]
    assert (last.kind, last.is_custom) == ("FlexErf", True)


@pytest.mark.parametrize(
    "damage",
    [
        lambda model: setattr(model.subgraphs[0].operators[0], "outputs", [99]),
        lambda model: setattr(model.subgraphs[0].operators[0], "outputs", [-1]),
        lambda model: setattr(model.subgraphs[0].operators[0], "inputs", [-2]),
        lambda model: setattr(model.subgraphs[0], "inputs", [-1]),
        lambda model: setattr(model.subgraphs[0].tensors[0], "buffer", 77),
        lambda model: setattr(model.subgraphs[0].tensors[0], "type", 120),
        lambda model: setattr(model.subgraphs[0].tensors[0], "name", b"\xff\xfe"),
        lambda model: setattr(model.subgraphs[0].operators[0], "opcodeIndex", 9),
        lambda model: setattr(model.operatorCodes[0], "builtinCode", 9999),
        lambda model: setattr(model.subgraphs[0], "tensors", None),
    ],
)
def test_inconsistent_models_are_malformed(tflite_models, damage):
    model = unpack_model(tflite_models.conv_model())
    damage(model)
    with pytest.raises(MalformedModelError):
        read_graph(pack_model(model))


def test_every_truncation_is_malformed(tflite_models):
    content = tflite_models.conv_model()
    for length in range(len(content)):
        with pytest.raises(MalformedModelError):
            read_graph(content[:length])


@settings(max_examples=400, deadline=2000)
@given(data=st.data())
def test_flipped_bytes_give_a_graph_or_the_error(tflite_models, data):
    """And a graph that could be read can be checked and measured, whatever is in it."""
    content = bytearray(tflite_models.conv_model())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        graph = read_graph(bytes(content))
    except MalformedModelError:
        return
    check_contract(graph, ContractContext("int8", "int8"), [load_profile("raspberry-pi-pico")])
    assert isinstance(peak_activation_bytes(graph.main), int)


@settings(max_examples=200, deadline=2000)
@given(content=st.binary(max_size=400), marked=st.booleans())
def test_garbage_is_malformed(content, marked):
    if marked:
        content = content[:4].ljust(4, b"\x10") + b"TFL3" + content[4:]
    with pytest.raises(MalformedModelError):
        read_graph(content)
