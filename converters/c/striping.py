"""Compute the first layers stripe by stripe, so that the large tensors between them are not whole.

A stripe is some rows of the last of these layers. Each layer before it computes the rows that the
next one reads, some of them once more for the next stripe. This is patch-based inference (J. Lin,
W. Chen, H. Cai, C. Gan, S. Han, "MCUNetV2: Memory-Efficient Patch-based Inference for Tiny Deep
Learning", NeurIPS 2021) with patches as wide as the image: rows of NHWC lie beside each other, so
that a stripe of the input or of the last output is a part of the whole, and nothing is copied.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from edgekit.converters.c.geometry import Window, window_of
from edgekit.converters.c.layer import Layer
from edgekit.converters.c.library import Isa
from edgekit.converters.graph import Operator, Subgraph, Tensor
from edgekit.converters.graph.macs import operator_macs

__all__ = ["Schedule", "Stripe", "View", "layer_by_layer", "stage_length", "striped"]

_POOLS: Final = frozenset(["AVERAGE_POOL_2D", "MAX_POOL_2D"])
_CONVOLUTIONS: Final = frozenset(["CONV_2D", "DEPTHWISE_CONV_2D"])
_ELEMENTWISE: Final = frozenset(["HARD_SWISH", "LEAKY_RELU", "LOGISTIC", "RELU", "RELU6", "TANH"])
_PADS: Final = frozenset(["PAD", "PADV2"])
_POINT: Final = Window((1, 1), (1, 1), (1, 1), (0, 0))


@dataclass(frozen=True, slots=True)
class Stripe:
    """Which part of a layer an operator computes.

    Attributes:
        number: Counted from the top.
        pad_top: Rows of the border above what it reads.
    """

    number: int
    pad_top: int


@dataclass(frozen=True, slots=True)
class View:
    """A tensor that is a part of another one.

    Attributes:
        root: The other one, by index.
        offset_bytes: Where it begins in it.
    """

    root: int
    offset_bytes: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """In which order what is computed.

    Attributes:
        subgraph: Operators in the order of execution, stripes in place of whole layers.
        stripes: For each operator, None where it is whole.
        views: Tensors that are parts of others, by index.
        method: In words.
        extra_macs: Multiply-accumulates that are done once more.
    """

    subgraph: Subgraph
    stripes: tuple[Stripe | None, ...]
    views: Mapping[int, View] = field(default_factory=dict)
    method: str = "layer by layer"
    extra_macs: int = 0


def layer_by_layer(main: Subgraph) -> Schedule:
    """Return the plain order of execution."""
    return Schedule(main, (None,) * len(main.operators))


def stage_length(main: Subgraph) -> int:
    """Return how many of the first layers are a chain that can be computed in stripes.

    They work on one image in NHWC, and each output is read by the next layer alone.
    """
    if len(main.inputs) != 1:
        return 0
    current = main.inputs[0]
    for length, operator in enumerate(main.operators):
        output = operator.outputs[0]
        readers = sum(item.inputs.count(current) for item in main.operators)
        is_next = bool(operator.inputs) and operator.inputs[0] == current and readers == 1
        if not (is_next and _is_stripable(operator, main)) or current in main.outputs:
            return length
        current = output
    return len(main.operators)


def striped(main: Subgraph, length: int, count: int) -> Schedule | None:
    """Return a schedule with the first layers in stripes.

    Args:
        main: A graph.
        length: How many layers, at most its `stage_length`.
        count: How many stripes.

    Returns:
        None where a stripe would have no rows.
    """
    stage = main.operators[:length]
    windows = [_window(operator, main) for operator in stage]
    height = main.tensors[stage[-1].outputs[0]].shape[1]
    if count > height:
        return None
    made = _Striped(list(main.tensors))
    for number in range(count):
        wanted = (number * height // count, (number + 1) * height // count)
        spans = [wanted]
        for operator, window in zip(reversed(stage), reversed(windows), strict=True):
            spans.append(_rows_read(window, spans[-1], made.tensors[operator.inputs[0]].shape[1]))
        spans.reverse()
        if any(end <= start for start, end in spans):
            return None
        made.add(stage, windows, spans, number)
    whole = sum(operator_macs(operator, main) for operator in stage)
    return Schedule(
        subgraph=replace(
            main,
            tensors=tuple(made.tensors),
            operators=(*made.operators, *main.operators[length:]),
        ),
        stripes=(*made.stripes, *(None for _ in main.operators[length:])),
        views=made.views,
        method=f"the first {length} layers in {count} stripes, the others whole",
        extra_macs=max(0, made.macs - whole),
    )


class _Striped:
    """Tensors and operators of the stripes, as they are made."""

    def __init__(self, tensors: list[Tensor]) -> None:
        self.tensors = tensors
        self.operators: list[Operator] = []
        self.stripes: list[Stripe] = []
        self.views: dict[int, View] = {}
        self.macs = 0

    def add(
        self,
        stage: tuple[Operator, ...],
        windows: list[Window],
        spans: list[tuple[int, int]],
        number: int,
    ) -> None:
        """Add one stripe; ``spans`` are the rows of the input and of each output."""
        source = self._part(stage[0].inputs[0], spans[0], is_view=True)
        for position, (operator, window) in enumerate(zip(stage, windows, strict=True)):
            is_last = position == len(stage) - 1
            wanted = spans[position + 1]
            output = self._part(operator.outputs[0], wanted, is_view=is_last)
            height = self.tensors[operator.outputs[0]].shape[1]
            above = max(0, window.pad[0] - wanted[0] * window.stride[0])
            others = operator.inputs[1:]
            if operator.kind in _PADS:
                read = spans[position][1] - spans[position][0]
                below = wanted[1] - wanted[0] - read - above
                others = (self._padding(others[0], above, below), *others[1:])
            made = replace(operator, inputs=(source, *others), outputs=(output,))
            self.stripes.append(Stripe(number, above))
            self.operators.append(made)
            rows = wanted[1] - wanted[0]
            main = Subgraph("", tuple(self.tensors), (), (), ())
            self.macs += operator_macs(operator, main) * rows // height
            source = output

    def _padding(self, index: int, above: int, below: int) -> int:
        """Return widths of a border that are those of ``index`` but for the rows."""
        whole = self.tensors[index]
        widths = np.frombuffer(whole.data or b"", whole.dtype.numpy).reshape(whole.shape).copy()
        widths[1] = above, below
        self.tensors.append(replace(whole, index=len(self.tensors), data=widths.tobytes()))
        return len(self.tensors) - 1

    def _part(self, index: int, span: tuple[int, int], *, is_view: bool) -> int:
        whole = self.tensors[index]
        batches, height, *rest = whole.shape
        part = replace(
            whole,
            index=len(self.tensors),
            name=f"{whole.name} [{span[0]}:{span[1]}]",
            shape=(batches, span[1] - span[0], *rest),
        )
        self.tensors.append(part)
        if is_view:
            self.views[part.index] = View(index, whole.size_bytes // height * span[0])
        return part.index


def _is_stripable(operator: Operator, main: Subgraph) -> bool:
    images = (main.tensors[operator.inputs[0]], main.tensors[operator.outputs[0]])
    return (
        operator.kind in _POOLS | _CONVOLUTIONS | _ELEMENTWISE | _PADS
        and len(operator.outputs) == 1
        and all(len(image.shape) == 4 and image.shape[0] == 1 for image in images)
        and all(index < 0 or main.tensors[index].is_constant for index in operator.inputs[1:])
        and (operator.kind not in _PADS or not _widths(operator, main)[[0, 3]].any())
    )


def _widths(operator: Operator, main: Subgraph) -> npt.NDArray[Any]:
    """Return the widths of a border, before and after each axis."""
    return Layer(operator, main, Isa.PORTABLE).constant(1)


def _window(operator: Operator, main: Subgraph) -> Window:
    if operator.kind in _ELEMENTWISE:
        return _POINT
    if operator.kind in _PADS:
        return replace(_POINT, pad=(int(_widths(operator, main)[1, 0]), 0))
    layer = Layer(operator, main, Isa.PORTABLE)
    if operator.kind in _POOLS:
        return window_of(layer, (layer.option("filter_height"), layer.option("filter_width")))
    _, height, width, _ = layer.input(1).shape
    return window_of(layer, (height, width))


def _rows_read(window: Window, wanted: tuple[int, int], height: int) -> tuple[int, int]:
    """Return the rows of an input that rows of an output are computed from."""
    reach = (window.size[0] - 1) * window.dilation[0] + 1
    first = wanted[0] * window.stride[0] - window.pad[0]
    last = (wanted[1] - 1) * window.stride[0] - window.pad[0] + reach
    return max(first, 0), min(last, height)
