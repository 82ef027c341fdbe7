"""Windows that slide over an image: padding as TFLite computes it."""

from dataclasses import dataclass

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.step import Kernel, Parameter, Step
from edgekit.converters.graph import DataType

__all__ = ["Window", "pool_step", "window_of"]

_VALID = 1  # `Padding` of the schema


@dataclass(frozen=True, slots=True)
class Window:
    """A kernel's size and steps, height first.

    Attributes:
        size: Of the kernel, without dilation.
        stride: Steps of the kernel.
        dilation: Steps within the kernel.
        pad: Rows above and columns left of the input.
    """

    size: tuple[int, int]
    stride: tuple[int, int]
    dilation: tuple[int, int]
    pad: tuple[int, int]

    def parameters(self) -> dict[str, int]:
        """Return the fields of kernels that have no dilation."""
        return {
            "kernel_height": self.size[0],
            "kernel_width": self.size[1],
            "stride_height": self.stride[0],
            "stride_width": self.stride[1],
            "pad_top": self.pad[0],
            "pad_left": self.pad[1],
        }

    def dilated_parameters(self) -> dict[str, int]:
        """Return the fields of kernels that have dilation."""
        dilation = {"dilation_height": self.dilation[0], "dilation_width": self.dilation[1]}
        return self.parameters() | dilation


def window_of(layer: Layer, size: tuple[int, int]) -> Window:
    """Return the window of a convolution or pooling from NHWC to NHWC.

    ``ComputePaddingHeightWidth`` of TensorFlow Lite (kernels/padding.h).
    """
    layer.require(len(layer.input().shape) == 4, "its input is not NHWC")
    stride = (layer.option("stride_h", 1), layer.option("stride_w", 1))
    dilation = (layer.option("dilation_h_factor", 1), layer.option("dilation_w_factor", 1))
    pad = []
    for axis in range(2):
        total = 0
        if layer.option("padding") != _VALID:
            covered = (layer.output().shape[axis + 1] - 1) * stride[axis]
            covered += (size[axis] - 1) * dilation[axis] + 1
            total = max(covered - layer.input().shape[axis + 1], 0)
        pad.append(total // 2)
    if layer.pad_top is not None:
        pad[0] = layer.pad_top
    return Window(size, stride, dilation, (pad[0], pad[1]))


def pool_step(layer: Layer, name: str) -> Step:
    """Return the step of an int8 or int16 pooling."""
    layer.require_types(DataType.INT8, DataType.INT16)
    layer.require(layer.input().dtype is layer.output().dtype, "its types differ")
    kind = layer.c_type(layer.input()).removesuffix("_t")
    function = name if kind == "int8" else f"{name}_{kind}"
    values = {"function": function, "element": f"{kind}_t", "least": f"{kind.upper()}_MIN"}
    return Step(Kernel(f"{name}.c", function, tuple(values.items())), _pool_parameters(layer))


def _pool_parameters(layer: Layer) -> dict[str, Parameter]:
    window = window_of(layer, (layer.option("filter_height"), layer.option("filter_width")))
    batches, input_height, input_width, channels = layer.input().shape
    low, high = layer.clamp()
    return {
        "batches": batches,
        "input_height": input_height,
        "input_width": input_width,
        "channels": channels,
        "output_height": layer.output().shape[1],
        "output_width": layer.output().shape[2],
        **window.parameters(),
        "output_low": low,
        "output_high": high,
    }
