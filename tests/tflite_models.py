"""Tiny .tflite models written operator by operator, and bundles around them."""

from dataclasses import dataclass, field
from pathlib import Path

import ai_edge_litert.schema_py_generated as schema
import flatbuffers
import numpy as np
from ai_edge_litert.interpreter import Interpreter

from edgekit.bundle import (
    Bundle,
    ImagePreprocessing,
    Layout,
    Manifest,
    Scheme,
    SourceInfo,
    TensorSpec,
    write_bundle,
)

_TYPES = {
    "float32": schema.TensorType.FLOAT32,
    "int8": schema.TensorType.INT8,
    "uint8": schema.TensorType.UINT8,
    "int16": schema.TensorType.INT16,
    "int32": schema.TensorType.INT32,
    "int64": schema.TensorType.INT64,
}


@dataclass
class Builder:
    """Collects tensors and operators of one subgraph and packs them into a flatbuffer."""

    tensors: list = field(default_factory=list)
    operators: list = field(default_factory=list)
    codes: list = field(default_factory=list)
    buffers: list = field(default_factory=lambda: [schema.BufferT()])
    inputs: list = field(default_factory=list)
    outputs: list = field(default_factory=list)

    def tensor(self, name, shape, dtype, *, scale=None, zero_point=0, axis=0, data=None):
        """Add a tensor (a constant when ``data`` is given) and return its index."""
        tensor = schema.TensorT()
        tensor.name = name
        tensor.shape = list(shape)
        tensor.type = _TYPES[dtype]
        tensor.buffer = 0
        if scale is not None:
            scales = np.atleast_1d(np.asarray(scale, np.float32))
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale = scales
            tensor.quantization.zeroPoint = np.full(scales.shape, zero_point, np.int64)
            tensor.quantization.quantizedDimension = axis
        if data is not None:
            buffer = schema.BufferT()
            raw = np.ascontiguousarray(data, dtype).reshape(shape).tobytes()
            buffer.data = np.frombuffer(raw, np.uint8)
            self.buffers.append(buffer)
            tensor.buffer = len(self.buffers) - 1
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def op(self, name, inputs, outputs, options=None, version=1):
        """Add an operator; ``options`` is its options object of the schema."""
        code = schema.OperatorCodeT()
        code.builtinCode = getattr(schema.BuiltinOperator, name)
        code.deprecatedBuiltinCode = min(code.builtinCode, 127)
        code.version = version
        self.codes.append(code)
        operator = schema.OperatorT()
        operator.opcodeIndex = len(self.codes) - 1
        operator.inputs = list(inputs)
        operator.outputs = list(outputs)
        if options is not None:
            kind = type(options).__name__.removesuffix("T")
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, kind)
            operator.builtinOptions = options
        self.operators.append(operator)

    def build(self):
        """Return the flatbuffer."""
        graph = schema.SubGraphT()
        graph.name = "main"
        graph.tensors, graph.operators = self.tensors, self.operators
        graph.inputs, graph.outputs = self.inputs, self.outputs
        model = schema.ModelT()
        model.version = 3
        model.description = "edgekit test"
        model.operatorCodes, model.buffers, model.subgraphs = self.codes, self.buffers, [graph]
        return packed(model)


def packed(tree):
    """Return the flatbuffer of an unpacked model."""
    packer = flatbuffers.Builder(1024)
    packer.Finish(tree.Pack(packer), b"TFL3")
    return bytes(packer.Output())


def run_by_name(content, values):
    """Run a model on arrays by input name and return its outputs by name."""
    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    for item in interpreter.get_input_details():
        interpreter.set_tensor(item["index"], values[item["name"]])
    interpreter.invoke()
    return {
        item["name"]: interpreter.get_tensor(item["index"])
        for item in interpreter.get_output_details()
    }


def spec(name, dtype, shape, *, scale=None, zero_point=None, axes=None, image=None, source=None):
    """Describe a tensor of ``model.tflite`` whose source has the axes that ``axes`` undoes."""
    axes = tuple(range(len(shape))) if axes is None else tuple(axes)
    source_shape = [0] * len(shape)
    for position, axis in enumerate(axes):
        source_shape[axis] = shape[position]
    return TensorSpec(
        name=name,
        dtype=dtype,
        shape=tuple(shape),
        source_dtype=source or ("float32" if scale is not None else dtype),
        source_shape=tuple(source_shape),
        axes=axes,
        layout=Layout.SOURCE if axes == tuple(range(len(shape))) else Layout.NHWC,
        scale=scale,
        zero_point=zero_point,
        image=image,
    )


def manifest(inputs, outputs, *, name="tiny"):
    """Return a manifest for the given interface."""
    return Manifest(
        name=name,
        edgekit_version="0.1.0",
        engine="written by hand",
        scheme=Scheme.INT8,
        source=SourceInfo(kind="onnx", name="tiny.onnx", sha256="0" * 64),
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        devices=(),
        float_islands=False,
    )


def bundle(path: Path, content, inputs, outputs, **members):
    """Write a bundle around a model and open it; ``members`` are further ones, by stem."""
    files = {"model.tflite": content}
    if "labels" in members:
        files["labels.txt"] = "".join(f"{line}\n" for line in members["labels"]).encode()
    write_bundle(path, manifest(inputs, outputs), files)
    return Bundle.open(path)


# A picture classifier: 4 x 6 pixels of 3 channels, mean pooled and mapped to 5 classes.
CONV_SHAPE = (1, 4, 6, 3)
CONV_CLASSES = 5
CONV_LABELS = ("ant", "bee", "cat", "dog", "Ÿak")
CONV_IMAGE = ImagePreprocessing(mean=(127.5,), std=(127.5,))
CONV_IN = {"scale": 1 / 128, "zero_point": -3}
CONV_MID = {"scale": 0.05, "zero_point": 10}
SOFTMAX_OUT = {"scale": 1 / 256, "zero_point": -128}


def conv_weights():
    """Return int8 weights ``[5,4,6,3]``, their per-channel scales and the int32 bias."""
    rng = np.random.default_rng(7)
    weights = rng.integers(-127, 128, (CONV_CLASSES, *CONV_SHAPE[1:]), dtype=np.int8)
    scales = np.array([0.001, 0.002, 0.0015, 0.0012, 0.0018], np.float32)
    bias = rng.integers(-2000, 2000, CONV_CLASSES, dtype=np.int32)
    return weights, scales, bias


def conv_model():
    """Return an int8 CONV_2D (whole picture, per-channel), RESHAPE, SOFTMAX model."""
    weights, scales, bias = conv_weights()
    build = Builder()
    x = build.tensor("image", CONV_SHAPE, "int8", **CONV_IN)
    w = build.tensor("w", weights.shape, "int8", scale=scales, data=weights)
    b = build.tensor("b", bias.shape, "int32", scale=scales * CONV_IN["scale"], data=bias)
    mid = build.tensor("conv", (1, 1, 1, CONV_CLASSES), "int8", **CONV_MID)
    shape = build.tensor("shape", (2,), "int32", data=[1, CONV_CLASSES])
    flat = build.tensor("flat", (1, CONV_CLASSES), "int8", **CONV_MID)
    out = build.tensor("scores", (1, CONV_CLASSES), "int8", **SOFTMAX_OUT)
    conv = schema.Conv2DOptionsT()
    conv.padding, conv.strideH, conv.strideW = schema.Padding.VALID, 1, 1
    conv.dilationHFactor = conv.dilationWFactor = 1
    reshape = schema.ReshapeOptionsT()
    reshape.newShape = [1, CONV_CLASSES]
    softmax = schema.SoftmaxOptionsT()
    softmax.beta = 1.0
    build.op("CONV_2D", [x, w, b], [mid], conv, version=3)
    build.op("RESHAPE", [mid, shape], [flat], reshape)
    build.op("SOFTMAX", [flat], [out], softmax, version=2)
    build.inputs, build.outputs = [x], [out]
    return build.build()


def conv_bundle(path, *, image=CONV_IMAGE, labels=None):
    """Return the classifier's bundle; its source has NCHW axes."""
    inputs = [spec("image", "int8", CONV_SHAPE, axes=(0, 2, 3, 1), image=image, **CONV_IN)]
    outputs = [spec("scores", "int8", (1, CONV_CLASSES), **SOFTMAX_OUT)]
    extra = {} if labels is None else {"labels": labels}
    return bundle(path, conv_model(), inputs, outputs, **extra)


PAIR_A = {"scale": 0.1, "zero_point": 5}
PAIR_B = {"scale": 0.25, "zero_point": -7}
PAIR_SUM = {"scale": 0.5, "zero_point": 1}
PAIR_PRODUCT = {"scale": 2.0, "zero_point": -20}


def pair_bundle(path):
    """Return a model with two inputs and two outputs: ``a + b`` and ``a * b``, all int8 [1,4].

    The manifest lists the tensors in the opposite order of the file's.
    """
    build = Builder()
    b = build.tensor("b", (1, 4), "int8", **PAIR_B)
    a = build.tensor("a", (1, 4), "int8", **PAIR_A)
    product = build.tensor("product", (1, 4), "int8", **PAIR_PRODUCT)
    total = build.tensor("sum", (1, 4), "int8", **PAIR_SUM)
    build.op("ADD", [a, b], [total], schema.AddOptionsT(), version=2)
    build.op("MUL", [a, b], [product], schema.MulOptionsT(), version=2)
    build.inputs, build.outputs = [b, a], [product, total]
    inputs = [spec("a", "int8", (1, 4), **PAIR_A), spec("b", "int8", (1, 4), **PAIR_B)]
    outputs = [
        spec("sum", "int8", (1, 4), **PAIR_SUM),
        spec("product", "int8", (1, 4), **PAIR_PRODUCT),
    ]
    return bundle(path, build.build(), inputs, outputs)


def tokens_bundle(path, *, source="int64"):
    """Return an embedding lookup: int32 ids [1,3] into a float table of 4 rows of 2."""
    build = Builder()
    ids = build.tensor("ids", (1, 3), "int32")
    table = build.tensor("table", (4, 2), "float32", data=np.arange(8))
    out = build.tensor("vectors", (1, 3, 2), "float32")
    build.op("GATHER", [table, ids], [out], schema.GatherOptionsT())
    build.inputs, build.outputs = [ids], [out]
    inputs = [spec("ids", "int32", (1, 3), source=source)]
    return bundle(path, build.build(), inputs, [spec("vectors", "float32", (1, 3, 2))])


def float_bundle(path, *, shape=(1, 2, 3), axes=(0, 2, 1)):
    """Return a float model whose output is ``x + x``."""
    build = Builder()
    x = build.tensor("x", shape, "float32")
    out = build.tensor("twice", shape, "float32")
    build.op("ADD", [x, x], [out], schema.AddOptionsT())
    build.inputs, build.outputs = [x], [out]
    return bundle(
        path,
        build.build(),
        [spec("x", "float32", shape, axes=axes)],
        [spec("twice", "float32", shape, axes=axes)],
    )


def quantize_model(dtype, scale, zero_point, size):
    """Return a lone QUANTIZE operator: float32 [size] to ``dtype``."""
    build = Builder()
    x = build.tensor("x", (size,), "float32")
    out = build.tensor("q", (size,), dtype, scale=scale, zero_point=zero_point)
    build.op("QUANTIZE", [x], [out], schema.QuantizeOptionsT())
    build.inputs, build.outputs = [x], [out]
    return build.build()


def dequantize_model(dtype, scale, zero_point, size):
    """Return a lone DEQUANTIZE operator: ``dtype`` [size] to float32."""
    build = Builder()
    x = build.tensor("q", (size,), dtype, scale=scale, zero_point=zero_point)
    out = build.tensor("x", (size,), "float32")
    build.op("DEQUANTIZE", [x], [out], schema.DequantizeOptionsT(), version=2)
    build.inputs, build.outputs = [x], [out]
    return build.build()
