"""Trained scales, zero points and integers reach the file bit for bit; layers compute as given."""

import warnings
from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

import edgekit
from edgekit.build_options import BuildOptions, OptionError
from edgekit.bundle import Bundle
from edgekit.converters.cache import Cache
from edgekit.converters.compression import CompressionLostError, Outcome, examine, settle
from edgekit.converters.engines.onnx2tf_engine import Onnx2tfEngine
from edgekit.converters.engines.own_engine import OwnEngine
from edgekit.converters.graph import read_graph, write_graph
from edgekit.converters.graph.extracting import extract
from edgekit.converters.quantize.trained import NoRangesError
from edgekit.converters.request import QuantizationRequest
from edgekit.converters.sources import open_source
from edgekit.converters.sources.onnx_reference import OnnxInnerTensors
from edgekit.errors import EdgekitError
from edgekit.runtime.interpreter import Kernels, open_interpreter

FORMS = [
    (form, activations, per_channel)
    for form in ("QDQ", "QOperator")
    for activations in ("QInt8", "QUInt8")
    for per_channel in (True, False)
]


@pytest.fixture(scope="module")
def convert(tmp_path_factory):
    """Lower and quantize a model without a single sample."""

    def make(path, request=None):
        source = open_source(path)
        with OwnEngine(Cache(tmp_path_factory.mktemp("cache")), path.parent / "log") as engine:
            lowered = engine.lower(source)
            tflite = engine.quantize(lowered, request or QuantizationRequest(), ())
        return source, lowered, tflite

    return make


@pytest.fixture(scope="module", params=FORMS, ids=lambda item: "-".join(map(str, item)))
def case(request, quantized_models, convert, tmp_path_factory):
    """Return the quantized ONNX model, and what is made of it."""
    form, activations, per_channel = request.param
    folder = tmp_path_factory.mktemp("case")
    path = quantized_models.quantize(
        folder, form=form, activations=activations, per_channel=per_channel
    )
    return path, *convert(path)


def details(tflite):
    """Return what LiteRT itself says of every tensor, by name."""
    interpreter, _ = open_interpreter(tflite, kernels=Kernels.REFERENCE)
    return {item["name"]: item for item in interpreter.get_tensor_details()}, interpreter


def parameters(model, names):
    known = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    scale, point = (known[name] for name in names)
    return np.float32(scale), int(point) - (128 if point.dtype == np.uint8 else 0)


def activations_of(path):
    """Return the scale and zero point of each activation in the ONNX file, as int8 has it."""
    model = onnx.load(path)
    slots = {"QLinearConv": (6, 7), "QGemm": (7, 8), "QLinearAdd": (6, 7)}
    slots |= {"QLinearGlobalAveragePool": (3, 4), "QLinearSoftmax": (3, 4)}
    found = []
    for node in model.graph.node:
        at = (1, 2) if node.op_type == "QuantizeLinear" else slots.get(node.op_type)
        if at:
            found.append(parameters(model, [node.input[place] for place in at]))
    return found


def test_every_activation_has_its_scale_and_zero_point(case):
    path, _, _, tflite = case
    stored, _ = details(tflite)
    grids = {
        (np.float32(scale), int(point))
        for item in stored.values()
        for scale, point in zip(
            item["quantization_parameters"]["scales"],
            item["quantization_parameters"]["zero_points"],
            strict=True,
        )
    }
    wanted = activations_of(path)
    assert len(wanted) >= 7
    assert not [pair for pair in wanted if pair not in grids]  # equal to the last bit


def test_every_weight_has_its_integers_and_scales(case):
    path, _, _, tflite = case
    stored, interpreter = details(tflite)
    model = onnx.load(path)
    known = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    orders = {"stem": (0, 2, 3, 1), "depthwise": (1, 2, 3, 0), "pointwise": (0, 2, 3, 1)}
    for layer in ("stem", "depthwise", "pointwise", "head"):
        codes, scale = known[f"{layer}.weight_quantized"], known[f"{layer}.weight_scale"]
        wanted = codes.transpose(orders[layer]) if layer in orders else codes
        held = [
            item
            for item in stored.values()
            if item["dtype"] == np.int8 and tuple(item["shape"]) == wanted.shape
        ]
        equal = [
            item
            for item in held
            if np.array_equal(interpreter.get_tensor(item["index"]), wanted)
            and set(item["quantization_parameters"]["scales"]) == set(np.atleast_1d(scale))
        ]
        assert equal, layer


def test_every_bias_has_its_integers(case):
    path, _, _, tflite = case
    stored, interpreter = details(tflite)
    known = {item.name: numpy_helper.to_array(item) for item in onnx.load(path).graph.initializer}
    biases = [
        tuple(interpreter.get_tensor(item["index"]))
        for item in stored.values()
        if item["dtype"] == np.int32 and len(item["shape"]) == 1
    ]
    for layer in ("stem", "depthwise", "pointwise", "head"):
        assert tuple(known[f"{layer}.bias_quantized"]) in biases


def test_all_is_kept_and_softmax_is_said_to_be_requantized(case):
    path, source, lowered, tflite = case
    outcome = Outcome(source, lowered, read_graph(tflite), ())
    settled = settle(source.findings, outcome)
    assert {item.fate for item in settled} == {"kept"}
    roles = [item.finding.figures["role"] for item in settled]
    assert roles.count("weight") == roles.count("bias") == 4
    proofs = {item.finding.tensor: item.proof for item in settled}
    if "QDQ" in str(onnx.load(path).graph.node[0].op_type) or "requantized" in proofs["scores"]:
        assert "which SOFTMAX writes" in proofs["scores"]
    kinds = [item.kind for item in read_graph(tflite).main.operators]
    assert kinds.count("QUANTIZE") == ("which SOFTMAX writes" in proofs["scores"])


def test_one_ulp_is_seen(case):
    """The judge, and so the report, tells apart what differs in the last bit."""
    _, source, lowered, tflite = case
    graph = read_graph(tflite)
    name = next(item.tensor for item in source.findings if item.figures["role"] == "activation")
    drifted = replace(
        graph,
        subgraphs=(
            replace(
                graph.main,
                tensors=tuple(
                    tensor
                    if tensor.name != name
                    else replace(
                        tensor,
                        quantization=replace(
                            tensor.quantization,
                            scales=(
                                float(
                                    np.nextafter(
                                        np.float32(tensor.quantization.scales[0]), np.float32(1)
                                    )
                                ),
                            ),
                        ),
                    )
                    for tensor in graph.main.tensors
                ),
            ),
        ),
    )
    settled = settle(source.findings, Outcome(source, lowered, drifted, ()))
    assert {item.finding.tensor for item in settled if item.fate != "kept"} == {name}


def integers_of(path, source):
    """Return for each tensor of the float graph which integer tensor the given model has."""
    found = {}
    for node in onnx.load(path).graph.node:
        if node.op_type == "QuantizeLinear":
            found[node.input[0] if node.input[0] in source.trained else node.output[0]] = (
                node.output[0]
            )
        elif node.op_type in ("QLinearConv", "QGemm", "QLinearAdd", "MaxPool", "Flatten") or (
            node.op_type.startswith("QLinear")
        ):
            found[node.output[0]] = node.output[0]
        elif node.op_type == "DequantizeLinear" and node.output[0] == "scores":
            found["scores"] = node.input[0]
    return {name: integer for name, integer in found.items() if name in source.trained}


def test_each_layer_alone_is_onnxruntimes(case, quantized_models):
    """Fed with onnxruntime's own integers: one step apart at most, in at most 1 % of bytes."""
    path, source, lowered, tflite = case
    main = read_graph(tflite).main
    integers = integers_of(path, source)
    inner = OnnxInnerTensors(path.read_bytes(), set(integers.values()))
    runs = [inner.run({"x": item}) for item in quantized_models.pictures(20, seed=5)]

    def wanted(values, tensor):
        link = lowered.links[tensor.name]
        given = values[integers[link.name]]
        shifted = given.astype(np.int32) - (128 if given.dtype == np.uint8 else 0)
        return link.arrange(shifted, tensor.shape)

    known = {
        tensor.name: tensor
        for tensor in main.tensors
        if not tensor.is_constant
        and tensor.name in lowered.links
        and lowered.links[tensor.name].name in integers
    }
    shares = {}
    for operator in main.operators:
        for tensor in main.outputs_of(operator):
            if tensor.name not in known:
                continue
            part = extract(read_graph(tflite), set(known), tensor.name)
            interpreter, _ = open_interpreter(write_graph(part), kernels=Kernels.REFERENCE)
            apart = []
            for values in runs:
                for slot in interpreter.get_input_details():
                    given = wanted(values, known[slot["name"]]).astype(slot["dtype"])
                    interpreter.set_tensor(slot["index"], given)
                interpreter.invoke()
                result = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
                apart.append(np.abs(result.astype(np.int32) - wanted(values, tensor)))
            assert max(map(np.max, apart)) <= 1, tensor.name
            shares[operator.kind] = float(np.mean(np.stack(apart) > 0))
    assert {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "ADD"} <= set(shares)
    forced = {"QUANTIZE", "MEAN", "AVERAGE_POOL_2D", "SOFTMAX"}  # ties, and grids that TFLite fixes
    assert all(share <= 0.01 for kind, share in shares.items() if kind not in forced), shares


def test_a_build_needs_no_samples(quantized_models, tmp_path):
    path = quantized_models.quantize(tmp_path)
    result = edgekit.build(path, tmp_path / "net.edgekit", BuildOptions(require="kept"))
    assert {item.fate for item in result.findings} == {"kept"}
    assert result.parity.samples_origin == "random values of the inputs' trained grids"
    (output,) = result.parity.outputs
    assert output.final_model.sqnr_db > 30  # against the quantized model
    assert output.float_model.sqnr_db > 100  # against the float one without its grids
    bundle = Bundle.open(tmp_path / "net.edgekit")
    assert result.plan.method == "no calibration"
    sources = {item.name: item.scale_source for item in result.plan.tensors}
    assert sources["x"] == sources["scores"] == "trained"
    assert "calibrated" not in sources.values()
    assert bundle.manifest.inputs[0].dtype == "int8"


def test_what_has_no_grid_is_calibrated_and_listed(quantized_models, tmp_path, convert):
    nodes, constants = quantized_models.pair("x", 0.05, 3)
    nodes += [helper.make_node("Conv", ["x.real", "w"], ["c"], "conv")]
    more, others = quantized_models.pair("c2", 0.1, -5, result="y")
    nodes += [helper.make_node("Tanh", ["c"], ["t"]), helper.make_node("Add", ["t", "c"], ["c2"])]
    weights = np.random.default_rng(0).standard_normal((4, 3, 3, 3)).astype(np.float32)
    path = tmp_path / "net.onnx"
    onnx.save(
        quantized_models.model(
            [*nodes, *more],
            {"x": [1, 3, 8, 8]},
            {"y": [1, 4, 6, 6]},
            {**constants, **others, "w": weights},
        ),
        path,
    )
    with pytest.raises(NoRangesError, match="'c'") as caught:
        convert(path)
    assert "--calibration-data" in caught.value.hint
    samples = np.random.default_rng(1).standard_normal((70, 1, 3, 8, 8)).astype(np.float32)
    options = BuildOptions(calibration_data={"x": samples})
    result = edgekit.build(path, tmp_path / "net.edgekit", options)
    plan = {item.name: item.scale_source for item in result.plan.tensors}
    assert (plan["x"], plan["c"], plan["y"]) == ("trained", "calibrated", "trained")
    assert {item.fate for item in result.findings if item.finding.kind == "trained grid"} == {
        "kept"
    }


def test_weights_off_centre_are_requantized_and_required_they_are_refused(
    quantized_models, tmp_path
):
    nodes, constants = quantized_models.pair("x", 0.05, 3)
    codes = np.random.default_rng(0).integers(0, 256, (4, 3, 3, 3)).astype(np.uint8)
    codes.reshape(-1)[:2] = 0, 255
    constants |= {"w": codes, "w.scale": np.float32(0.01), "w.point": np.uint8(40)}
    nodes.append(helper.make_node("DequantizeLinear", ["w", "w.scale", "w.point"], ["w.real"]))
    nodes.append(helper.make_node("Conv", ["x.real", "w.real"], ["c"], "conv"))
    more, others = quantized_models.pair("c", 0.4, 0, result="y")
    path = tmp_path / "net.onnx"
    onnx.save(
        quantized_models.model(
            [*nodes, *more], {"x": [1, 3, 8, 8]}, {"y": [1, 4, 6, 6]}, {**constants, **others}
        ),
        path,
    )
    result = edgekit.build(path, tmp_path / "net.edgekit")
    (found,) = [item for item in result.findings if item.finding.tensor == "w"]
    assert found.fate == "requantized"
    assert "4 scales of its own" in found.proof
    with pytest.raises(CompressionLostError, match="'w'"):
        edgekit.build(path, tmp_path / "other.edgekit", BuildOptions(require="kept"))
    assert not (tmp_path / "other.edgekit").exists()


def test_what_is_only_moved_is_kept_with_what_it_moves(quantized_models, tmp_path):
    """Two transpositions that undo each other vanish, and the tensor between them."""
    first, constants = quantized_models.pair("x", 0.05, 3)
    second, others = quantized_models.pair("t", 0.05, 3)
    last, outer = quantized_models.pair("d", 0.1, 5, result="y")
    nodes = [
        *first,
        helper.make_node("Transpose", ["x.real"], ["t"], perm=[0, 2, 1]),
        *second,
        helper.make_node("Transpose", ["t.real"], ["u"], perm=[0, 2, 1]),
        helper.make_node("Neg", ["u"], ["d"]),
        *last,
    ]
    path = tmp_path / "net.onnx"
    shapes = {"x": [1, 3, 4]}, {"y": [1, 3, 4]}
    onnx.save(quantized_models.model(nodes, *shapes, {**constants, **others, **outer}), path)
    result = edgekit.build(path, tmp_path / "net.edgekit", BuildOptions(require="kept"))
    (found,) = [item for item in result.findings if item.finding.tensor == "t"]
    assert found.proof.startswith("the values of 'x' on the same grid")


def test_another_engine_is_refused(quantized_models, tmp_path, engine_cache):
    source = open_source(quantized_models.quantize(tmp_path))
    engine = Onnx2tfEngine(Cache(engine_cache), tmp_path / "log")
    with pytest.raises(EdgekitError, match="calibrates every tensor anew") as caught:
        engine.lower(source)
    assert "--engine edgekit" in caught.value.hint


def test_an_input_without_a_grid_needs_samples(quantized_models, tmp_path):
    nodes, constants = quantized_models.pair("s", 0.05, 3, result="y")
    nodes.insert(0, helper.make_node("Sigmoid", ["x"], ["s"]))
    path = tmp_path / "net.onnx"
    onnx.save(quantized_models.model(nodes, {"x": [1, 4]}, {"y": [1, 4]}, constants), path)
    with pytest.raises(OptionError, match="input 'x' has no trained grid"):
        edgekit.build(path, tmp_path / "net.edgekit")


def test_int16_grids_are_kept_by_their_scheme(quantized_models, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nodes, constants = quantized_models.pair("x", 0.001, 0, dtype=np.int16)
        nodes.append(helper.make_node("Conv", ["x.real", "w"], ["c"], "conv"))
        more, others = quantized_models.pair("c", 0.002, 32768, dtype=np.uint16, result="y")
        weights = np.random.default_rng(0).standard_normal((4, 3, 3, 3)).astype(np.float32)
        path = tmp_path / "net.onnx"
        given = {**constants, **others, "w": weights}
        onnx.save(
            quantized_models.model(
                [*nodes, *more], {"x": [1, 3, 8, 8]}, {"y": [1, 4, 6, 6]}, given
            ),
            path,
        )
    assert "--scheme int16x8" in open_source(path).notices[-1]
    result = edgekit.build(path, tmp_path / "net.edgekit", BuildOptions(scheme="int16x8"))
    assert {item.fate for item in result.findings if item.finding.tensor in "xy"} == {"kept"}


def test_findings_are_in_what_is_examined(case):
    _, source, _, _ = case
    found = examine(source)
    assert all(item in found for item in source.findings)
