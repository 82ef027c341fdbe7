"""How near the TFLite file computes to onnxruntime: each layer alone, and end to end."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.engines import LoweredModel
from edgekit.converters.graph import Graph, Tensor, read_graph, write_graph
from edgekit.converters.graph.extracting import extract
from edgekit.converters.interpreting import TfliteRunner
from edgekit.converters.parity.metrics import PairedSums
from edgekit.converters.sources import SourceModel
from edgekit.converters.sources.onnx_reference import OnnxInnerTensors
from edgekit.runtime.interpreter import Kernels, open_interpreter

__all__ = ["Layer", "Nearness", "compare_layers", "compare_outputs"]

_EQUAL_DB = 300.0  # stands for no difference at all, which JSON has no number for
Arrays = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer, fed with onnxruntime's own integers, on LiteRT's reference kernels.

    Attributes:
        tensor: What it writes.
        operators: That it is made of.
        steps: Largest difference, in steps of the integers.
        percent: Of bytes that differ.
    """

    tensor: str
    operators: str
    steps: int
    percent: float


@dataclass(frozen=True, slots=True)
class Nearness:
    """Whole models on the same samples.

    Attributes:
        kernels: Of LiteRT.
        top1_percent: Of samples whose highest output is the highest of onnxruntime's too; any of
            several that are equally high there.
        ties_percent: Of samples that have several there.
        sqnr_db: Of the outputs.
    """

    kernels: str
    top1_percent: float
    ties_percent: float
    sqnr_db: float


def compare_layers(
    given: Path, source: SourceModel, lowered: LoweredModel, tflite: bytes, samples: Arrays
) -> list[Layer]:
    """Run every layer whose inputs and output onnxruntime has as integers."""
    integers = _integers_of(given, source)
    inner = OnnxInnerTensors(given.read_bytes(), set(integers.values()))
    name = source.inputs[0].name
    runs = [inner.run({name: sample}) for sample in samples]
    graph = read_graph(tflite)
    known = {
        tensor.name: tensor
        for tensor in graph.main.tensors
        if not tensor.is_constant
        and (link := lowered.links.get(tensor.name)) is not None
        and link.name in integers
    }

    def wanted(values: Mapping[str, Any], tensor: Tensor) -> npt.NDArray[np.int32]:
        link = lowered.links[tensor.name]
        codes = values[integers[link.name]]
        shifted = codes.astype(np.int32) - (128 if codes.dtype == np.uint8 else 0)
        return np.asarray(link.arrange(shifted, tensor.shape), np.int32)

    layers = []
    for operator in graph.main.operators:
        for tensor in graph.main.outputs_of(operator):
            part = extract(graph, set(known), tensor.name) if tensor.name in known else None
            if part is None or not all(item.name in known for item in _inputs(part)):
                continue
            interpreter, _ = open_interpreter(write_graph(part), kernels=Kernels.REFERENCE)
            apart = []
            for values in runs:
                for slot in interpreter.get_input_details():
                    codes = wanted(values, known[slot["name"]]).astype(slot["dtype"])
                    interpreter.set_tensor(slot["index"], codes)
                interpreter.invoke()
                result = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
                apart.append(np.abs(result.astype(np.int32) - wanted(values, tensor)))
            steps = np.stack(apart)
            kinds = " + ".join(item.kind for item in part.main.operators)
            percent = round(100 * float(np.mean(steps > 0)), 3)
            layers.append(Layer(tensor.name, kinds, int(steps.max()), percent))
    return layers


def compare_outputs(
    source: SourceModel, lowered: LoweredModel, tflite: bytes, samples: Arrays
) -> list[Nearness]:
    """Run onnxruntime and LiteRT end to end, on its reference kernels and on its usual ones."""
    name, output = source.inputs[0].name, source.outputs[0].name
    expected = [source.reference.run({name: sample})[output] for sample in samples]
    tied = [np.count_nonzero(item == item.max()) > 1 for item in expected]
    ties = round(100 * float(np.mean(tied)), 2)
    found = []
    for kernels in (Kernels.REFERENCE, Kernels.DEFAULT):
        runner = TfliteRunner(tflite, lowered.inputs, lowered.outputs, kernels=kernels)
        sums, hits = PairedSums(), 0
        for sample, wanted in zip(samples, expected, strict=True):
            given = runner.run({name: sample})[output]
            sums.add(wanted, given)
            hits += int(wanted.flat[np.argmax(given)] == wanted.max())
        share = round(100 * hits / len(samples), 2)
        found.append(Nearness(kernels, share, ties, round(min(sums.sqnr_db, _EQUAL_DB), 1)))
    return found


def _inputs(graph: Graph) -> list[Tensor]:
    return [graph.main.tensors[index] for index in graph.main.inputs]


def _integers_of(given: Path, source: SourceModel) -> dict[str, str]:
    """Return tensors of the float graph, and the integers that the given model has for them."""
    import onnx

    found: dict[str, str] = {}
    for node in onnx.load(given).graph.node:
        if node.op_type == "QuantizeLinear":
            is_named = node.input[0] in source.trained
            found[node.input[0] if is_named else node.output[0]] = node.output[0]
        elif node.op_type == "DequantizeLinear" and node.output[0] == source.outputs[0].name:
            found[node.output[0]] = node.input[0]
        elif (
            node.op_type.startswith(("QLinear", "QGemm")) or node.input[0] in found.values()
        ) and node.op_type != "DequantizeLinear":
            found[node.output[0]] = node.output[0]
    return {name: integers for name, integers in found.items() if name in source.trained}
