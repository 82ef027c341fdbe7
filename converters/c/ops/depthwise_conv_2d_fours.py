"""DEPTHWISE_CONV_2D in portable C: four channels at a time."""

from edgekit.converters.c.layer import Layer
from edgekit.converters.c.ops.depthwise_conv_2d import read_depthwise_convolution
from edgekit.converters.c.packing import is_int8, row_distance
from edgekit.converters.c.registry import plans
from edgekit.converters.c.step import Array, Follow, Kernel, Step

__all__ = ["depthwise_conv_2d_fours"]

_MOST_TAPS = 64  # so many pointers lie on the stack


@plans("DEPTHWISE_CONV_2D", special=True)
def depthwise_conv_2d_fours(layer: Layer) -> Step | None:
    """int8 with constant int8 weights, channels in fours, without multiplier."""
    if not is_int8(layer):
        return None
    found = read_depthwise_convolution(layer)
    count = found.input_shape[3]
    taps = found.window.size[0] * found.window.size[1]
    if count % 4 or count != found.output_shape[3] or taps > _MOST_TAPS:
        return None
    return Step(
        Kernel(
            "depthwise_conv_2d_fours.c",
            f"depthwise_conv_2d_fours_{taps}",
            (("taps", str(taps)),),
        ),
        {
            "weights": Array(found.weights.reshape(-1)),
            **found.channels.parameters(),
            **found.shape_parameters(),
            **found.window.dilated_parameters(),
            "input_zero_point": found.input_zero_point,
        },
        scratch_bytes=count,
        follows=(Follow(0, 0, row_distance(found)),),
    )
