"""Small networks quantized by onnxruntime, which is what tools of others write, and their parts."""

import logging
import warnings
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

INPUT, SCORES = [1, 3, 12, 12], [1, 5]


def pictures(count, seed=0):
    """Return smooth random pictures ``[count, 1, 3, 12, 12]``."""
    generator = np.random.default_rng(seed)
    coarse = generator.standard_normal((count, 1, 3, 4, 4))
    return np.repeat(np.repeat(coarse, 3, 3), 3, 4).astype(np.float32) + 0.5


def float_model():
    """Return convolutions, a shortcut, pools, a dense layer and a softmax."""
    generator = np.random.default_rng(1)

    def weights(*shape):
        size = np.sqrt(np.prod(shape[1:]))
        return (generator.standard_normal(shape) * 1.5 / size).astype(np.float32)

    def channels(count):
        return (generator.standard_normal(count) / 5).astype(np.float32)

    constants = {
        "stem.weight": weights(8, 3, 3, 3),
        "stem.bias": channels(8),
        "depthwise.weight": weights(8, 1, 3, 3),
        "depthwise.bias": channels(8),
        "pointwise.weight": weights(8, 8, 1, 1),
        "pointwise.bias": channels(8),
        "head.weight": weights(5, 8),
        "head.bias": channels(5),
    }
    nodes = [
        helper.make_node(
            "Conv", ["x", "stem.weight", "stem.bias"], ["stem"], "stem", pads=[1, 1, 1, 1]
        ),
        helper.make_node("Relu", ["stem"], ["a"], "relu_1"),
        helper.make_node(
            "Conv",
            ["a", "depthwise.weight", "depthwise.bias"],
            ["depthwise"],
            "depthwise",
            group=8,
            pads=[1, 1, 1, 1],
        ),
        helper.make_node("Relu", ["depthwise"], ["b"], "relu_2"),
        helper.make_node("Conv", ["b", "pointwise.weight", "pointwise.bias"], ["c"], "pointwise"),
        helper.make_node("Add", ["a", "c"], ["sum"], "sum"),
        helper.make_node("Relu", ["sum"], ["d"], "relu_3"),
        helper.make_node("MaxPool", ["d"], ["e"], "pool", kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("GlobalAveragePool", ["e"], ["f"], "mean"),
        helper.make_node("Flatten", ["f"], ["g"], "flatten"),
        helper.make_node("Gemm", ["g", "head.weight", "head.bias"], ["h"], "head", transB=1),
        helper.make_node("Softmax", ["h"], ["scores"], "softmax", axis=-1),
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, INPUT)],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, SCORES)],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def quantize(folder, *, form="QDQ", activations="QInt8", weights="QInt8", per_channel=True):
    """Quantize the network with ``onnxruntime.quantization`` and return where it is."""
    from onnxruntime.quantization import (
        CalibrationDataReader,
        QuantFormat,
        QuantType,
        quantize_static,
    )

    class Samples(CalibrationDataReader):
        def __init__(self):
            self.left = iter({"x": item} for item in pictures(24))

        def get_next(self):
            return next(self.left, None)

    given, made = Path(folder) / "float.onnx", Path(folder) / "quantized.onnx"
    onnx.save(float_model(), str(given))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tool's own
        logging.disable(logging.WARNING)  # it asks for a preparation that fuses batch norms
        try:
            quantize_static(
                given,
                made,
                Samples(),
                quant_format=QuantFormat[form],
                activation_type=QuantType[activations],
                weight_type=QuantType[weights],
                per_channel=per_channel,
            )
        finally:
            logging.disable(logging.NOTSET)
    return made


def pair(tensor, scale, point, *, dtype=np.int8, result=None):
    """Return QuantizeLinear and DequantizeLinear on a tensor, and their constants."""
    names = [f"{tensor}.scale", f"{tensor}.point"]
    constants = {names[0]: np.float32(scale), names[1]: np.asarray(point, dtype)}
    result = result or f"{tensor}.real"
    nodes = [
        helper.make_node("QuantizeLinear", [tensor, *names], [f"{tensor}.q"], f"{tensor}.quantize"),
        helper.make_node(
            "DequantizeLinear", [f"{tensor}.q", *names], [result], f"{tensor}.dequantize"
        ),
    ]
    return nodes, constants


def model(nodes, inputs, outputs, constants, *, opset=21):
    """Return a model of float inputs and outputs: name -> shape."""

    def infos(items):
        return [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in items.items()]

    tensors = [
        item if isinstance(item, TensorProto) else numpy_helper.from_array(np.asarray(item), name)
        for name, item in constants.items()
    ]
    graph = helper.make_graph(nodes, "net", infos(inputs), infos(outputs), tensors)
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10)
