"""NonMaxSuppression with a fixed number of rows, by TFLite's kernel for one class at a time."""

import numpy as np

from edgekit.converters.graph.builder import Value
from edgekit.converters.graph.data_type import DataType
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.formula import LARGEST, Formula
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode
from edgekit.converters.sources.box_selection import DOMAIN

_FAR, _THIN = 2.0**100, 2.0**-60  # where and how small no box of a picture is


@lowers("NonMaxSuppression", domain=DOMAIN)
def box_selection(context: Lowering, node: SourceNode) -> None:
    """Lower a selection with a fixed number of rows to a NON_MAX_SUPPRESSION_V4 for each class.

    The kernel suppresses from the threshold on, ONNX above it: it gets the next number. Of equal
    scores the kernel takes any first, onnxruntime the first: it gets ranks, which all differ.
    """
    batches, classes, _ = context.shape(node.inputs[1])
    count = int(context.required_constant(node, 2)[0])
    overlap = context.required_constant(node, 3)[0]
    groups = context.required_constant(node, 4).reshape(-1, count, 2)
    builder = context.builder
    boxes = _unstacked(context, _distinguishable(context, node, keeps_all=overlap >= 1), batches)
    ranks = _unstacked(context, _ranks(context, node), batches * classes)
    above = np.nextafter(np.float32(overlap), np.float32(2)) if overlap < 1 else np.float32(1)
    limits = [
        builder.constant(np.array(count, np.int32), "most"),
        builder.constant(np.array(above, np.float32), "overlap"),
        builder.constant(np.array(0, np.float32), "least"),
    ]
    types = (DataType.INT32, DataType.INT32)
    found = [
        context.emit_many(
            "NON_MAX_SUPPRESSION_V4",
            [boxes[index // classes], rank, *limits],
            [(count,), ()],
            types,
        )
        for index, rank in enumerate(ranks)
    ]
    places = _stacked(context, [place for place, _ in found], (len(found), count, 1))
    counts = _stacked(context, [number for _, number in found], (len(found), 1, 1))
    parts = [builder.constant(groups.astype(np.int32), "groups"), places]
    rows = context.emit("CONCATENATION", parts, (len(found), count, 3), axis=2, dtype=types[0])
    slots = np.arange(count, dtype=np.int32).reshape(1, count, 1)
    is_row = Formula(context, counts).binary(
        "GREATER", Formula(context, builder.constant(slots, "slots"))
    )
    padded = is_row.where(Formula(context, rows), -1).cast(DataType.INT64)
    context.set(node.outputs[0], padded.reshape((len(found) * count, 3)).value)


def _ranks(context: Lowering, node: SourceNode) -> Value:
    """Return ``[batches * classes, boxes]``: n for the best score down to 1, 0 for none."""
    batches, classes, amount = context.shape(node.inputs[1])
    builder = context.builder
    shape = (batches, classes, amount)
    scores = context.get(node.inputs[1])
    every = builder.constant(np.array(amount, np.int32), "k")
    types = (scores.dtype, DataType.INT32)
    best, order = context.emit_many("TOPK_V2", [scores, every], [shape, shape], types)
    falling = np.arange(amount, 0, -1, dtype=np.int32).reshape(1, 1, amount)
    if node.has(5):
        limit = Formula(context, builder.constant(context.required_constant(node, 5), "least"))
        ranks = Formula(context, builder.constant(falling, "ranks"))
        given = Formula(context, best).binary("GREATER", limit).where(ranks, 0).value
    else:
        given = builder.constant(np.broadcast_to(falling, shape).copy(), "ranks")
    starts = np.arange(batches * classes, dtype=np.int32).reshape(batches, classes, 1) * amount
    total = batches * classes * amount
    places = Formula(context, order) + Formula(context, builder.constant(starts, "starts"))
    inputs = [
        places.reshape((total, 1)).value,
        context.reshape(given, (total,)),
        builder.integers((total,), "shape"),
    ]
    ranks = Formula(context, context.emit("SCATTER_ND", inputs, (total,), dtype=DataType.INT32))
    return ranks.cast(DataType.FLOAT32).reshape((batches * classes, amount)).value


def _distinguishable(context: Lowering, node: SourceNode, *, keeps_all: bool) -> Value:
    """Return the boxes by their corners, those that overlap nothing moved apart from all others.

    The kernel selects a box again and again unless it overlaps itself: one without area, or of
    an area that is infinite, becomes a box of its own that no other meets.
    """
    batches, amount, _ = context.shape(node.inputs[0])
    starts = _FAR * 2 * np.arange(1, amount + 1)
    ends = [starts, np.zeros(amount), starts + _FAR, np.full(amount, _THIN)]
    apart = np.stack(ends, axis=-1).astype(np.float32)[None]
    if keeps_all:
        return context.builder.constant(np.repeat(apart, batches, axis=0), "boxes")
    boxes = context.get(node.inputs[0])
    size = (batches, amount, 1)
    axis = context.builder.constant(np.array(2, np.int32), "axis")
    given = context.emit_many("SPLIT", [axis, boxes], [size] * 4, [boxes.dtype] * 4, num_splits=4)
    sides = [Formula(context, value) for value in given]
    if node.integer("center_point_box", 0):
        x, y, width, height = sides
        halves = height * 0.5, width * 0.5
        corners = [y - halves[0], x - halves[1], y + halves[0], x + halves[1]]
        edges = [(corners[2] - corners[0]).unary("RELU"), (corners[3] - corners[1]).unary("RELU")]
        inputs = [corner.value for corner in corners]
        boxes = context.emit("CONCATENATION", inputs, (batches, amount, 4), axis=2)
    else:
        edges = [(sides[2] - sides[0]).unary("ABS"), (sides[3] - sides[1]).unary("ABS")]
    area = edges[0] * edges[1]
    has_area = area.binary("GREATER", 0.0).binary("LOGICAL_AND", area.binary("LESS", LARGEST / 2))
    chosen = has_area.where(
        Formula(context, boxes), Formula(context, context.builder.constant(apart, "apart"))
    )
    return chosen.value


def _unstacked(context: Lowering, value: Value, count: int) -> list[Value]:
    """Return the parts along the first axis."""
    shape = value.shape[1:]
    if count == 1:
        return [context.reshape(value, shape)]
    if value.data is not None:
        return [context.builder.constant(part, value.name) for part in value.data]
    return context.emit_many(
        "UNPACK", [value], [shape] * count, [value.dtype] * count, num=count, axis=0
    )


def _stacked(context: Lowering, values: list[Value], shape: tuple[int, ...]) -> Value:
    """Return values in one, in another shape."""
    if len(values) == 1:
        return context.reshape(values[0], shape)
    packed = (len(values), *values[0].shape)
    value = context.emit("PACK", values, packed, values_count=len(values), axis=0)
    return context.reshape(value, shape)
