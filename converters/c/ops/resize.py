"""RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR in C: which pixels meet is settled here."""

import math

import numpy as np
import numpy.typing as npt

from edgekit.converters.c.fixed_point import round_away
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Array, Kernel, Step
from edgekit.converters.graph import DataType

__all__ = ["resize_bilinear", "resize_nearest_neighbor"]

_UNIT = 1024  # of the shares


@plans("RESIZE_NEAREST_NEIGHBOR")
def resize_nearest_neighbor(layer: Layer) -> Step:
    """int8 and int16."""
    layer.require_types(DataType.INT8, DataType.INT16)
    batches, height, width, channels = layer.input().shape
    _, output_height, output_width, _ = layer.output().shape
    pixel = channels * layer.output().dtype.bits // 8
    return Step(
        Kernel("resize_nearest_neighbor.c", "resize_nearest_neighbor"),
        {
            "rows": Array(_nearest(layer, height, output_height)),
            "columns": Array(_nearest(layer, width, output_width)),
            "batches": batches,
            "input_height": height,
            "input_row_bytes": width * pixel,
            "output_height": output_height,
            "output_width": output_width,
            "pixel_bytes": pixel,
        },
    )


@plans("RESIZE_BILINEAR")
def resize_bilinear(layer: Layer) -> Step:
    """int8."""
    layer.require_types(DataType.INT8)
    batches, height, width, channels = layer.input().shape
    _, output_height, output_width, _ = layer.output().shape
    rows, row_share = _between(layer, height, output_height)
    columns, column_share = _between(layer, width, output_width)
    return Step(
        Kernel("resize_bilinear.c", "resize_bilinear"),
        {
            "rows": rows,
            "row_share": row_share,
            "columns": columns,
            "column_share": column_share,
            "batches": batches,
            "input_height": height,
            "input_width": width,
            "output_height": output_height,
            "output_width": output_width,
            "channels": channels,
        },
    )


def _nearest(layer: Layer, size: int, result: int) -> npt.NDArray[np.int16]:
    """Return the input's place for each of the output's.

    ``GetNearestNeighbor`` of TensorFlow Lite (kernels/internal/reference/
    resize_nearest_neighbor.h), in single precision as there.
    """
    aligned, centers = layer.option("align_corners"), layer.option("half_pixel_centers")
    if aligned and result > 1:
        scale = np.float32(size - 1) / np.float32(result - 1)
    else:
        scale = np.float32(size) / np.float32(result)
    offset = np.float32(0.5 if centers else 0.0)
    places = []
    for place in range(result):
        found = float(np.float32((np.float32(place) + offset) * scale))
        places.append(min(round_away(found) if aligned else math.floor(found), size - 1))
    return np.array([max(place, 0) for place in places], np.int16)


def _between(layer: Layer, size: int, result: int) -> tuple[Array, Array]:
    """Return the input's two places for each of the output's, and the share of the second.

    ``ComputeInterpolationValuesInteger`` of TensorFlow Lite (kernels/internal/reference/
    resize_bilinear.h).
    """
    scale = (_UNIT * size + result // 2) // result
    if layer.option("align_corners") and result > 1:
        scale = (_UNIT * (size - 1) + (result - 1) // 2) // (result - 1)
    places, shares = [], []
    for place in range(result):
        scaled = place * scale
        if layer.option("half_pixel_centers"):
            scaled += scale // 2 - _UNIT // 2
        first = max(int(scaled / _UNIT), 0)
        second = min(int((scaled + _UNIT - 1) / _UNIT), size - 1)
        places += [first, second]
        shares.append(scaled - _UNIT * first)
    return Array(np.array(places, np.int16)), Array(np.array(shares, np.int16))
