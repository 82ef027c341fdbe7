"""What Resize does along each axis: which positions it reads, with which weights."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.probing import run_node
from edgekit.converters.lowering.source_graph import SourceNode

__all__ = ["TFLITE_MODES", "AxisMap", "axis_maps", "tflite_matches"]

TFLITE_MODES = ((False, True), (True, False), (False, False))
"""(align_corners, half_pixel_centers) that RESIZE_BILINEAR and RESIZE_NEAREST_NEIGHBOR take."""

_LARGEST_PROBE = 1 << 24  # entries of a matrix
_WHOLE = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class AxisMap:
    """What a resize does along one axis.

    Attributes:
        size: Of the input.
        indices: Of the input for each output, -1 outside of it; None where it interpolates.
        weights: ``[output, input]``; rows of zeros outside of the input.
    """

    size: int
    indices: npt.NDArray[np.int64] | None
    weights: npt.NDArray[np.float32]

    @property
    def outside(self) -> npt.NDArray[np.bool_]:
        """Which outputs lie outside of the input."""
        empty: npt.NDArray[np.bool_] = np.all(self.weights == 0, axis=1)
        return empty

    @property
    def is_identity(self) -> bool:
        """Whether nothing changes."""
        square = self.weights.shape[0] == self.weights.shape[1]
        return square and np.array_equal(self.weights, np.eye(self.size, dtype=np.float32))


def axis_maps(context: Lowering, node: SourceNode) -> dict[int, AxisMap]:
    """Return what Resize or Upsample does along those axes of its first input that it changes.

    onnxruntime is asked, since ties between neighbours depend on how it rounds.

    Raises:
        RefusedError: A map is too large, or unknown.
    """
    shape, result = context.shape(node.inputs[0]), context.shape(node.outputs[0])
    scales, crops = _scales(context, node), _crops(context, node)
    _check_whole_sizes(node, shape, scales)
    policy = node.text("keep_aspect_ratio_policy", "stretch")
    maps = {}
    for axis, (size, wanted) in enumerate(zip(shape, result, strict=True)):
        same = size == wanted and scales[axis] in (None, 1.0) and crops[axis] == _WHOLE
        if same and policy == "stretch":
            continue
        if size * wanted > _LARGEST_PROBE:
            raise RefusedError(node, f"resizing {size} to {wanted} takes too large a matrix")
        if node.text("mode", "nearest") == "nearest":
            found = _nearest(context, node, axis)
        else:
            _check_policy(node, policy)
            found = _interpolating(node, size, wanted, scales[axis], crops[axis])
        if not found.is_identity:
            maps[axis] = found
    return maps


def _check_policy(node: SourceNode, policy: str) -> None:
    if policy != "stretch":
        raise RefusedError(
            node,
            f"it interpolates with keep_aspect_ratio_policy '{policy}'",
            hint="give the sizes that result, with the policy 'stretch'",
        )


def tflite_matches(item: AxisMap, *, align_corners: bool, half_pixel_centers: bool) -> bool:
    """Whether TFLite's own resize does the same along an axis.

    Source: TensorFlow's `resize_bilinear.h` and `resize_nearest_neighbor.h`.
    """
    size, count = item.size, len(item.weights)
    aligned = align_corners and count > 1
    scale = np.float32((size - 1) / (count - 1) if aligned else size / count)
    offset = np.float32(0.5 if half_pixel_centers else 0)
    places = (np.arange(count, dtype=np.float32) + offset) * scale
    if item.indices is not None:
        rounded = np.floor(places + np.float32(0.5) if align_corners else places)
        return np.array_equal(np.clip(rounded, 0, size - 1).astype(np.int64), item.indices)
    places = np.clip(places - offset, 0, size - 1)
    below = places.astype(np.int64)
    weights = np.zeros_like(item.weights)
    rows = np.arange(count)
    np.add.at(weights, (rows, below), 1 - (places - below))
    np.add.at(weights, (rows, np.minimum(below + 1, size - 1)), places - below)
    tolerance = 4 * np.finfo(np.float32).eps * max(size, count)
    return bool(np.all(np.abs(weights - item.weights) <= tolerance))


def _check_whole_sizes(
    node: SourceNode, shape: tuple[int, ...], scales: list[float | None]
) -> None:
    """Refuse where ONNX's specification and onnxruntime disagree about the size of the output.

    The former computes with ``scale * size`` as it is, the latter with what it is rounded to.
    """
    mode = node.text("coordinate_transformation_mode", "half_pixel")
    if mode not in ("align_corners", "tf_crop_and_resize"):
        return
    for size, scale in zip(shape, scales, strict=True):
        wanted = size * (scale or 1.0)
        if abs(wanted - round(wanted)) > 1e-4 * wanted:
            raise RefusedError(
                node,
                f"with {mode}, size {size} times scale {scale:g} is no whole number",
                hint="give sizes instead of scales",
            )


def _nearest(context: Lowering, node: SourceNode, axis: int) -> AxisMap:
    """Resize a tensor that holds its own positions along the axis."""
    shape = context.shape(node.inputs[0])
    size = shape[axis]
    along = [size if index == axis else 1 for index in range(len(shape))]
    ramp = np.broadcast_to(np.arange(size, dtype=np.float32).reshape(along), shape)
    attributes = dict(node.attributes)
    if node.text("coordinate_transformation_mode", "") == "tf_crop_and_resize":
        attributes["extrapolation_value"] = -1.0
    others = [context.constant(name) if name else None for name in node.inputs[1:]]
    found = run_node(node.kind, node.opset, [np.ascontiguousarray(ramp), *others], attributes)
    moved = np.moveaxis(found, axis, 0).reshape(found.shape[axis], -1)
    indices = moved.max(1).astype(np.int64)
    weights = (indices[:, None] == np.arange(size)).astype(np.float32)
    return AxisMap(size, indices, weights)


def _interpolating(
    node: SourceNode, size: int, wanted: int, scale: float | None, crop: tuple[float, float]
) -> AxisMap:
    """Resize the unit vectors of one axis."""
    kept = (
        "antialias",
        "coordinate_transformation_mode",
        "cubic_coeff_a",
        "exclude_outside",
        "mode",
    )
    attributes: dict[str, Any] = {
        name: value for name, value in node.attributes.items() if name in kept
    }
    opset = node.opset
    if opset < 11:
        opset, attributes["coordinate_transformation_mode"] = 11, "asymmetric"
    units = np.eye(size, dtype=np.float32)[None, None]
    region = np.array([0, 0, crop[0], 0, 1, 1, crop[1], 1], np.float32)
    inputs: list[npt.NDArray[Any] | None] = [units, region]
    if scale is not None:
        inputs.append(np.array([1, 1, scale, 1], np.float32))
    else:
        inputs.append(None if opset >= 13 else np.empty(0, np.float32))
        inputs.append(np.array([1, 1, wanted, size], np.int64))
    weights = run_node("Resize", opset, inputs, attributes)[0, 0]
    return AxisMap(size, None, np.where(np.abs(weights) < 1e-9, 0, weights).astype(np.float32))


def _scales(context: Lowering, node: SourceNode) -> list[float | None]:
    """Return the scale of each axis that is given, None where the output's size is."""
    rank = context.rank(node.inputs[0])
    if "scales" in node.attributes:
        return [float(value) for value in node.attributes["scales"]]
    position = 1 if node.opset < 11 else 2
    given = context.required_constant(node, position) if node.has(position) else np.empty(0)
    axes = node.integers("axes", tuple(range(rank)))
    scales: list[float | None] = [None] * rank
    for axis, value in zip(axes, given, strict=False):
        scales[axis] = float(value)
    return [1.0 if item is None and len(given) else item for item in scales]


def _crops(context: Lowering, node: SourceNode) -> list[tuple[float, float]]:
    """Return where the region of each axis begins and ends, as parts of it."""
    rank = context.rank(node.inputs[0])
    regions = [_WHOLE] * rank
    mode = node.text("coordinate_transformation_mode", "")
    if mode != "tf_crop_and_resize" or not node.has(1):
        return regions
    region = context.required_constant(node, 1)
    axes = node.integers("axes", tuple(range(rank)))
    if len(region) == 2 * len(axes):
        for index, axis in enumerate(axes):
            regions[axis] = (float(region[index]), float(region[len(axes) + index]))
    return regions
