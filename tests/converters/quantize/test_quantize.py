"""Float graphs become integer ones that keep the contract and stay close to their source."""

import numpy as np
import pytest
from onnx import helper

from edgekit.bundle.manifest import Io, Scheme
from edgekit.converters.graph import DataType
from edgekit.runtime.interpreter import Kernels

SHAPE = (1, 6, 6, 6)  # sizes that collide on purpose
GENERATOR = np.random.default_rng(11)


def normal(shape=SHAPE, name="x"):
    return lambda generator: {name: generator.standard_normal(shape).astype(np.float32)}


def positive(shape=SHAPE):
    return lambda generator: {"x": generator.uniform(0.5, 4.0, shape).astype(np.float32)}


def weights(*shape):
    return (GENERATOR.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))).astype(np.float32)


def node(kind, inputs=("x",), outputs=("y",), **attributes):
    return helper.make_node(kind, list(inputs), list(outputs), name=f"my_{kind}", **attributes)


ONE_OPERATOR = {
    "Conv": (
        node("Conv", ("x", "w", "b"), pads=[1] * 4),
        {"w": weights(5, 6, 3, 3), "b": weights(5)},
    ),
    "DepthwiseConv": (
        node("Conv", ("x", "w"), group=6, strides=[2, 2]),
        {
            "w": weights(6, 1, 3, 3)
            * np.geomspace(0.01, 1, 6).reshape(6, 1, 1, 1).astype(np.float32)
        },
    ),
    "GroupedConv": (node("Conv", ("x", "w"), group=2), {"w": weights(4, 3, 3, 3)}),
    "ConvTranspose": (
        node("ConvTranspose", ("x", "w"), strides=[2, 2]),
        {"w": weights(6, 4, 2, 2)},
    ),
    "Add": (node("Add", ("x", "c")), {"c": weights(6, 1, 1)}),
    "Mul": (node("Mul", ("x", "c")), {"c": weights(1, 6, 1, 1)}),
    "Sub": (node("Sub", ("x", "x2")), {"x2": weights(1, 6, 6, 6)}),
    "Relu": (node("Relu"), {}),
    "LeakyRelu": (node("LeakyRelu", alpha=0.1), {}),
    "Sigmoid": (node("Sigmoid"), {}),
    "Tanh": (node("Tanh"), {}),
    "HardSwish": (node("HardSwish"), {}),
    "Elu": (node("Elu"), {}),
    "Softmax": (node("Softmax", axis=1), {}),
    "MaxPool": (node("MaxPool", kernel_shape=[2, 2], strides=[2, 2]), {}),
    "AveragePool": (node("AveragePool", kernel_shape=[3, 3], pads=[1] * 4), {}),
    "GlobalAveragePool": (node("GlobalAveragePool"), {}),
    "ReduceMean": (node("ReduceMean", ("x", "axes"), keepdims=0), {"axes": np.array([2, 3])}),
    "ReduceMax": (node("ReduceMax", ("x", "axes")), {"axes": np.array([1])}),
    "Concat": (node("Concat", ("x", "c"), axis=1), {"c": weights(1, 2, 6, 6)}),
    "Reshape": (node("Reshape", ("x", "s")), {"s": np.array([1, -1])}),
    "Transpose": (node("Transpose", perm=[0, 3, 1, 2]), {}),
    "Pad": (node("Pad", ("x", "p")), {"p": np.array([0, 0, 1, 2, 0, 0, 2, 1])}),
    "Abs": (node("Abs"), {}),
    "Neg": (node("Neg"), {}),
    "Floor": (node("Floor"), {}),
    "Sin": (node("Sin"), {}),
    "Max": (node("Max", ("x", "c")), {"c": weights(6, 1, 1)}),
    "Clip": (node("Clip", ("x", "low", "high")), {"low": np.float32(-0.5), "high": np.float32(1)}),
}


@pytest.mark.parametrize("name", ONE_OPERATOR)
def test_one_operator_in_int8(quantized, model_of, name):
    operator, constants = ONE_OPERATOR[name]
    # LiteRT registers no reference kernel for ELU.
    kernels = [item for item in Kernels if (name, item) != ("Elu", Kernels.REFERENCE)]

    result = quantized(
        model_of([operator], {"x": SHAPE}, ["y"], constants), normal(), kernels=kernels
    )

    assert result.violations == ()
    # Steps of 1/255 of a range leave noise of a twelfth of a step squared: some 50 dB below a
    # full-range signal, less for a normal one and after a second rounding.
    # Near a whole number, one step of the input is one whole unit of a floor.
    assert result.worst() > (20 if name == "Floor" else 30)


@pytest.mark.parametrize("name", ["Exp", "Log", "Sqrt", "Reciprocal"])
def test_functions_of_positive_values(quantized, model_of, name):
    result = quantized(model_of([node(name)], {"x": SHAPE}, ["y"]), positive())

    assert result.violations == ()
    assert result.worst() > 30


def two_normals(generator):
    return {name: generator.standard_normal(SHAPE).astype(np.float32) for name in ("x", "z")}


def test_a_quotient_of_one_tensor_is_a_table(quantized, model_of):
    nodes = [node("Abs", ("x",), ("a",)), node("Add", ("a", "one"), ("d",)),
             node("Div", ("x", "d"))]  # fmt: skip

    result = quantized(model_of(nodes, {"x": SHAPE}, ["y"], {"one": np.float32(1)}), normal())

    assert result.violations == ()
    assert result.worst() > 35
    assert result.kinds == ["CAST", "ADD", "GATHER"]


def test_division_by_a_computed_divisor_is_a_table_and_a_product(quantized, model_of):
    nodes = [node("Sigmoid", ("z",), ("s",)), node("Add", ("s", "one"), ("d",)),
             node("Div", ("x", "d"))]  # fmt: skip
    model = model_of(nodes, {"x": SHAPE, "z": SHAPE}, ["y"], {"one": np.float32(1)})

    result = quantized(model, two_normals)

    assert result.violations == ()
    assert result.worst() > 30
    assert result.kinds[-4:] == ["CAST", "ADD", "GATHER", "MUL"]


def test_division_by_something_near_zero_stays_in_float_and_is_reported(quantized, model_of):
    nodes = [node("Add", ("z", "c"), ("d",)), node("Div", ("x", "d"))]
    model = model_of(nodes, {"x": SHAPE, "z": SHAPE}, ["y"], {"c": np.float32(0.1)})

    result = quantized(model, two_normals, kernels=())

    assert {item.constraint for item in result.violations} == {"operator_is_integer"}
    assert any("my_Div" in item.origin for item in result.violations)


@pytest.mark.parametrize("io", [Io.INT8, Io.UINT8, Io.FLOAT32])
def test_the_interface_has_the_type_asked_for(quantized, model_of, io):
    operator, constants = ONE_OPERATOR["Conv"]

    result = quantized(model_of([operator], {"x": SHAPE}, ["y"], constants), normal(), io=io)

    main = result.graph.main
    assert {main.tensors[index].dtype for index in (*main.inputs, *main.outputs)} == {
        DataType(io.upper())
    }
    assert result.violations == ()
    assert result.worst() > 30


@pytest.mark.parametrize("name", ["Conv", "DepthwiseConv", "Add", "Mul", "Relu", "Softmax", "Pad"])
def test_int16_activations_are_finer(quantized, model_of, name):
    operator, constants = ONE_OPERATOR[name]
    model = model_of([operator], {"x": SHAPE}, ["y"], constants)

    result = quantized(
        model, normal(), scheme=Scheme.INT16X8, kernels=(Kernels.BUILTIN, Kernels.REFERENCE)
    )

    assert result.violations == ()
    # Weights stay int8: they set the limit where there are any.
    assert result.worst() > (38 if "Conv" in name else 60)


def test_a_joined_tensor_has_one_scale_and_its_parts_are_requantized(quantized, model_of):
    nodes = [
        node("Sigmoid", ("x",), ("a",)),
        node("Mul", ("x", "two"), ("b",)),
        node("Concat", ("a", "b"), axis=1),
    ]

    result = quantized(model_of(nodes, {"x": SHAPE}, ["y"], {"two": np.float32(2)}), normal())

    assert result.violations == ()
    assert result.worst() > 30
    (join,) = [item for item in result.graph.main.operators if item.kind == "CONCATENATION"]
    tensors = (*result.graph.main.inputs_of(join), *result.graph.main.outputs_of(join))
    assert len({tensor.quantization for tensor in tensors}) == 1


def test_tokens_stay_integers_and_the_table_is_int8(quantized, model_of):
    model = model_of(
        [node("Gather", ("table", "x"), ("e",)), node("MatMul", ("e", "w"))],
        {"x": ((1, 7), "int64")},
        ["y"],
        {"table": weights(20, 8), "w": weights(8, 5)},
    )

    result = quantized(model, lambda generator: {"x": generator.integers(0, 20, (1, 7))})

    assert result.violations == ()
    assert result.worst() > 30
    main = result.graph.main
    assert main.tensors[main.inputs[0]].dtype is DataType.INT64


def test_every_channel_of_a_weight_has_its_own_scale(quantized, model_of):
    operator, constants = ONE_OPERATOR["DepthwiseConv"]

    result = quantized(model_of([operator], {"x": SHAPE}, ["y"], constants), normal())

    (conv,) = [op for op in result.graph.main.operators if op.kind == "DEPTHWISE_CONV_2D"]
    filters = result.graph.main.tensors[conv.inputs[1]]
    largest = np.abs(constants["w"]).max(axis=(1, 2, 3))
    np.testing.assert_allclose(filters.quantization.scales, largest / 127, rtol=1e-6)
    assert set(filters.quantization.zero_points) == {0}
    assert filters.quantization.axis == 3


@pytest.mark.parametrize("hidden", [-1e30, -3.0e38])
def test_what_a_mask_hides_gets_no_weight(quantized, model_of, hidden):
    mask = np.triu(np.full((6, 6), hidden, np.float32), 1)
    nodes = [node("Add", ("x", "mask"), ("m",)), node("Softmax", ("m",), axis=-1)]

    result = quantized(model_of(nodes, {"x": SHAPE}, ["y"], {"mask": mask}), normal())

    assert result.violations == ()
    assert result.worst() > 25
    # The grid of the sum is one for scores, not for the mask.
    (total,) = [op for op in result.graph.main.operators if op.kind == "ADD"]
    (output,) = result.graph.main.outputs_of(total)
    assert output.quantization.scales[0] < 0.1


@pytest.mark.parametrize("kind", ["Sub", "Add"])
def test_a_sum_that_cancels_has_a_step_that_the_kernels_take(quantized, model_of, kind):
    """LiteRT ends the process where the output's step is much finer than the inputs'."""
    nodes = [node("Neg", ("x",), ("n",)), node(kind, ("x", "x" if kind == "Sub" else "n"))]

    result = quantized(model_of(nodes, {"x": SHAPE}, ["y"]), normal())

    assert result.violations == ()
    assert result.largest_error < 0.05
