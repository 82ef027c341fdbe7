"""NonMaxSuppression with a fixed number of rows: what it does not select is a row of -1."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.sources.base import SourceTensor, probe_sample
from edgekit.converters.sources.onnx_reference import OnnxReference

__all__ = ["DOMAIN", "pad_box_selections"]

DOMAIN = "edgekit"
"""Of the function that stands for a NonMaxSuppression with a fixed number of rows."""

_OLDEST, _FUNCTION_IR = 11, 8
_ROW_AXIS = 0

_DEFINITION = """
<domain: "{domain}", opset_import: ["" : {opset}]>
NonMaxSuppression <center_point_box> (boxes, scores, count, overlap, groups, least) => (rows)
{{
  selected = NonMaxSuppression <center_point_box: int = @center_point_box>
    (boxes, scores, count, overlap, least)
  zero = Constant <value = int64 {{0}}> ()
  unused = Constant <value = int64 {{-1}}> ()
  selected_sizes = Shape (selected)
  amount = Gather <axis = 0> (selected_sizes, zero)
  turns = Range (amount, zero, unused)
  sizes = Shape (scores)
  never = ConstantOfShape <value = int64[1] {{0}}> (sizes)
  chosen = ScatterND (never, selected, turns)
  turn, box = TopK <axis = -1> (chosen, count)
  column = Constant <value = int64[4] {{0, 0, 0, 1}}> ()
  boxes_column = Reshape (box, column)
  all = Concat <axis = -1> (groups, boxes_column)
  is_row = Greater (turn, zero)
  is_row_column = Reshape (is_row, column)
  padded = Where (is_row_column, all, unused)
  flat = Constant <value = int64[2] {{-1, 3}}> ()
  rows = Reshape (padded, flat)
}}
"""


def pad_box_selections(model: Any, inputs: tuple[SourceTensor, ...]) -> tuple[str, ...]:
    """Give each NonMaxSuppression whose result leaves the model a fixed number of rows, in place.

    There are ``min(max_output_boxes_per_class, boxes)`` rows for each batch and class, in this
    order: those that the operator selects, by falling score (of equal scores the first box, as
    in onnxruntime), then rows of -1. Left alone are selections that other operators compute
    with, those without constant limits, those that can select nothing, and those within bodies.

    Args:
        model: An ``onnx.ModelProto`` with fixed input shapes that onnxruntime can run.
        inputs: What it takes.

    Returns:
        A notice for each that was changed.
    """
    opset = next((item.version for item in model.opset_import if _is_onnx(item)), 0)
    selections = [
        node for node in model.graph.node if node.op_type == "NonMaxSuppression" and _is_onnx(node)
    ]
    if not selections or opset < _OLDEST:
        return ()
    values = _run(model, inputs)
    fixed = _fixed(model.graph)
    rows = [_padded(model.graph, node, fixed, values) for node in selections]
    notices = [
        f"NonMaxSuppression '{node.name or node.output[0]}' gives {count} rows, those that select "
        "no box are -1"
        for node, count in zip(selections, rows, strict=True)
        if count
    ]
    if notices:
        _define(model, opset)
        del model.graph.value_info[:]
    return tuple(notices)


def _run(model: Any, inputs: tuple[SourceTensor, ...]) -> dict[str, npt.NDArray[Any]]:
    from onnx import numpy_helper

    sample = probe_sample(inputs)
    known = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    inner = OnnxReference(model.SerializeToString()).run_with_inner_tensors(sample)
    return {**known, **sample, **inner}


def _fixed(graph: Any) -> set[str]:
    """Return the tensors that do not depend on an input."""
    found = {item.name for item in graph.initializer}
    for node in graph.node:
        has_body = any(item.g.node or item.graphs for item in node.attribute)
        is_random = node.op_type.startswith("Random") or node.op_type == "Bernoulli"
        if not has_body and not is_random and found.issuperset(filter(None, node.input)):
            found.update(node.output)
    return found


def _padded(graph: Any, node: Any, fixed: set[str], values: Mapping[str, npt.NDArray[Any]]) -> int:
    """Change one node in place; return how many rows it has now, 0 if it was left alone."""
    from onnx import helper, numpy_helper

    given = [*node.input, *[""] * (5 - len(node.input))]
    boxes, scores, *limits = given
    if not fixed.issuperset(filter(None, limits)) or not _leaves(graph, node.output[0], values):
        return 0
    most, overlap, threshold = (values[name].reshape(-1)[0] if name else None for name in limits)
    batches, classes, amount = values[scores].shape
    count = min(int(most), amount) if most is not None else 0
    if count < 1:
        return 0
    groups = np.moveaxis(np.indices((batches, classes, count))[:2], 0, -1)
    constants = {
        "count": np.array([count], np.int64),
        "overlap": np.array([0.0 if overlap is None else overlap], np.float32),
        "groups": np.ascontiguousarray(groups, np.int64),
    }
    if threshold is not None:
        constants["least"] = np.array([threshold], np.float32)
    name = node.name or node.output[0]
    graph.initializer.extend(
        numpy_helper.from_array(np.asarray(data), f"{name}/{part}")
        for part, data in constants.items()
    )
    centred = next((item.i for item in node.attribute if item.name == "center_point_box"), 0)
    reads = [boxes, scores, *(f"{name}/{part}" for part in constants)]
    node.CopyFrom(
        helper.make_node(
            "NonMaxSuppression",
            reads,
            node.output,
            name=name,
            domain=DOMAIN,
            center_point_box=centred,
        )
    )
    return int(batches * classes * count)


def _leaves(graph: Any, name: str, values: Mapping[str, npt.NDArray[Any]]) -> bool:
    """Tell whether a tensor of rows goes to outputs alone, by operators that keep each row."""
    for node in graph.node:
        if any(name in _body_reads(item) for item in node.attribute):
            return False
        if name not in node.input:
            continue
        if not _keeps_rows(node, name, values):
            return False
        if not all(_leaves(graph, result, values) for result in node.output if result):
            return False
    return True


def _body_reads(attribute: Any) -> set[str]:
    bodies = [attribute.g, *attribute.graphs]
    nodes = [node for body in bodies for node in body.node]
    outputs = {value.name for body in bodies for value in body.output}
    inner = {name for node in nodes for item in node.attribute for name in _body_reads(item)}
    return outputs.union(inner, *(node.input for node in nodes))


def _keeps_rows(node: Any, name: str, values: Mapping[str, npt.NDArray[Any]]) -> bool:
    """Tell whether an operator gives a row for each row, of -1 where it was of -1."""
    from onnx import TensorProto

    if not _is_onnx(node) or node.input[0] != name or name in node.input[1:]:
        return False
    attributes = {item.name: item for item in node.attribute}
    rank = values[name].ndim
    match node.op_type:
        case "Identity":
            return True
        case "Cast":
            return attributes["to"].i in (TensorProto.FLOAT, TensorProto.INT32, TensorProto.INT64)
        case "Gather" | "Split":
            axis = attributes["axis"].i if "axis" in attributes else _ROW_AXIS
            return axis % rank != _ROW_AXIS
        case "Slice" | "Squeeze":
            position = 3 if node.op_type == "Slice" else 1
            if "axes" in attributes:
                axes = list(attributes["axes"].ints)
            else:
                known = values.get(node.input[position]) if len(node.input) > position else None
                axes = [] if known is None else known.reshape(-1).tolist()
            return bool(axes) and all(axis % rank != _ROW_AXIS for axis in axes)
    return False


def _define(model: Any, opset: int) -> None:
    """Add the function to a model."""
    from onnx import helper, parser

    text = _DEFINITION.format(domain=DOMAIN, opset=opset)
    model.functions.append(parser.parse_function(text))
    model.opset_import.append(helper.make_opsetid(DOMAIN, 1))
    model.ir_version = max(model.ir_version, _FUNCTION_IR)


def _is_onnx(item: Any) -> bool:
    return item.domain in ("", "ai.onnx")
