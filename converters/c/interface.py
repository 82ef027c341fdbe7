"""A model's inputs and outputs as C names them."""

from collections.abc import Sequence

from edgekit.converters.c.library import CTensor
from edgekit.converters.graph import Tensor

__all__ = ["describe_tensors"]


def describe_tensors(
    tensors: Sequence[Tensor], prefix: str, arena_offsets: Sequence[int]
) -> tuple[CTensor, ...]:
    """Return tensors with the prefix of their macros, numbered where there are several.

    Args:
        tensors: Inputs or outputs, in the model's order.
        prefix: For example ``kws_input``.
        arena_offsets: Where each of them lies, in bytes.
    """
    several = len(tensors) > 1
    return tuple(
        CTensor(
            name=tensor.name,
            c_name=f"{prefix}_{number}".upper() if several else prefix.upper(),
            shape=tensor.shape,
            dtype=tensor.dtype.value.lower(),
            scale=tensor.quantization.scales[0] if tensor.quantization else None,
            zero_point=tensor.quantization.zero_points[0] if tensor.quantization else None,
            size_bytes=tensor.size_bytes,
            arena_offset=offset,
        )
        for number, (tensor, offset) in enumerate(zip(tensors, arena_offsets, strict=True))
    )
