"""Arithmetic of sliding windows: what ONNX's pads mean in TFLite's terms."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.source_graph import SourceNode

__all__ = ["SAME", "VALID", "Window", "same_pads", "window_of"]

SAME, VALID = 0, 1  # the schema's Padding


@dataclass(frozen=True, slots=True)
class Window:
    """A window over spatial axes.

    Attributes:
        kernel: Size on each axis.
        strides: Step on each axis.
        dilations: Distance of neighbouring taps on each axis.
        pads: (before, after) on each axis.
    """

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    pads: tuple[tuple[int, int], ...]

    @property
    def extents(self) -> tuple[int, ...]:
        """Distance from the first to behind the last tap on each axis."""
        pairs = zip(self.kernel, self.dilations, strict=True)
        return tuple((size - 1) * dilation + 1 for size, dilation in pairs)

    def fitted(self, sizes: tuple[int, ...], outputs: tuple[int, ...]) -> "Window":
        """Return the window with just the padding behind that ``outputs`` positions reach.

        That is more than the source's in ceil mode, and less where no position gets there.
        """
        pads = tuple(
            (before, max(0, (out - 1) * stride + extent - size - before))
            for (before, _), out, stride, extent, size in zip(
                self.pads, outputs, self.strides, self.extents, sizes, strict=True
            )
        )
        return Window(self.kernel, self.strides, self.dilations, pads)

    def clipped(self, sizes: tuple[int, ...], outputs: tuple[int, ...]) -> "Window":
        """Return the window without what lies outside, on axes with one position.

        Where a window is larger than what it slides over, as in ceil mode with a kernel meant
        for larger pictures, padding up to its size would take memory without end.
        """
        kernel, pads = list(self.kernel), list(self.pads)
        for axis, (size, out) in enumerate(zip(sizes, outputs, strict=True)):
            if out == 1 and self.dilations[axis] == 1:
                kernel[axis] = min(size, self.kernel[axis] - self.pads[axis][0])
                pads[axis] = (0, 0)
        return Window(tuple(kernel), self.strides, self.dilations, tuple(pads))

    def taps(self, axis: int, outputs: int) -> npt.NDArray[np.int64]:
        """Return the positions ``[outputs, kernel]`` that are read; some may be outside."""
        starts = np.arange(outputs) * self.strides[axis] - self.pads[axis][0]
        return starts[:, None] + np.arange(self.kernel[axis]) * self.dilations[axis]

    def part(self, axes: slice) -> "Window":
        """Return the window over some of its axes."""
        return Window(self.kernel[axes], self.strides[axes], self.dilations[axes], self.pads[axes])

    def two_dimensional(self) -> "Window":
        """Return the window with a first axis of size 1 where it has only one."""
        if len(self.kernel) == 2:
            return self
        return Window(
            (1, *self.kernel), (1, *self.strides), (1, *self.dilations), ((0, 0), *self.pads)
        )


def same_pads(size: int, extent: int, stride: int) -> tuple[int, int]:
    """Return what TFLite's SAME adds before and behind an axis.

    Source: TensorFlow's documentation of ``tf.nn.convolution``, section on padding.
    """
    total = max((-(-size // stride) - 1) * stride + extent - size, 0)
    return total // 2, total - total // 2


def window_of(
    node: SourceNode, sizes: tuple[int, ...], kernel: tuple[int, ...], *, most: int = 2
) -> Window:
    """Read the window of a convolution or pool.

    Args:
        node: Its attributes ``strides``, ``dilations``, ``pads`` and ``auto_pad``.
        sizes: Of the spatial axes it slides over.
        kernel: Size on each axis.
        most: How many spatial axes it may have.
    """
    rank = len(kernel)
    if not 1 <= rank <= most:
        raise RefusedError(node, f"it has {rank} spatial axes", hint=f"up to {most} are supported")
    ones = (1,) * rank
    strides, dilations = node.integers("strides", ones), node.integers("dilations", ones)
    bare = Window(kernel, strides, dilations, ((0, 0),) * rank)
    mode = node.text("auto_pad", "NOTSET")
    if mode in ("SAME_UPPER", "SAME_LOWER"):
        pads = [same_pads(*item) for item in zip(sizes, bare.extents, strides, strict=True)]
        if mode == "SAME_LOWER":
            pads = [(after, before) for before, after in pads]
        return Window(kernel, strides, dilations, tuple(pads))
    if mode == "VALID":
        return bare
    flat = node.integers("pads", (0,) * (2 * rank))
    pairs = tuple(zip(flat[:rank], flat[rank:], strict=True))
    return Window(kernel, strides, dilations, pairs)
