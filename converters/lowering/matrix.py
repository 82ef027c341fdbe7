"""Products of matrices on values: FULLY_CONNECTED for known weights, BATCH_MATMUL otherwise."""

import math

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.builder import Value
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.kernels import require_kernel

__all__ = ["batch_matmul", "fully_connected"]

_LARGEST_BATCH_RANK = 5  # of BATCH_MATMUL, matrices included


def fully_connected(
    context: Lowering,
    value: Value,
    weights: npt.NDArray[np.float32],
    bias: npt.NDArray[np.float32] | None,
    name: str,
    source: str = "",
    bias_source: str = "",
) -> Value:
    """Multiply the last axis with known weights.

    Args:
        context: The lowering.
        value: ``[..., in]``.
        weights: ``[out, in]``, as TFLite has them.
        bias: ``[out]``, or None.
        name: Of the weights.
        source: The constant that they are made from, where that is not their name.
        bias_source: The constant that the bias is made from, if it is one's.

    Returns:
        ``[..., out]``.
    """
    require_kernel(context.node, "FULLY_CONNECTED", value.dtype)
    shape = (*value.shape[:-1], weights.shape[0])
    if not 2 <= len(value.shape) <= 4:
        value = context.reshape(value, (math.prod(value.shape[:-1]), value.shape[-1]))
    result = context.emit(
        "FULLY_CONNECTED",
        [
            value,
            context.made_of(source or name, weights, name),
            None if bias is None else context.made_of(bias_source, bias, f"{name}/bias"),
        ],
        (*value.shape[:-1], weights.shape[0]),
        keep_num_dims=len(value.shape) > 2,
    )
    return context.reshape(result, shape)


def batch_matmul(
    context: Lowering, first: Value, second: Value, *, adj_x: bool = False, adj_y: bool = False
) -> Value:
    """Multiply matrices whose leading axes broadcast; ``adj`` says that one lies transposed.

    Leading axes are merged where there are more than the kernel takes.
    """
    require_kernel(context.node, "BATCH_MATMUL", first.dtype)
    rank = max(len(first.shape), len(second.shape))
    rows = first.shape[-1 if adj_x else -2]
    columns = second.shape[-2 if adj_y else -1]
    batch = np.broadcast_shapes(first.shape[:-2], second.shape[:-2])
    if rank > _LARGEST_BATCH_RANK:
        first = _flat_batch(context, first, batch)
        second = _flat_batch(context, second, batch)
    shape = (*np.broadcast_shapes(first.shape[:-2], second.shape[:-2]), rows, columns)
    result = context.emit("BATCH_MATMUL", [first, second], shape, adj_x=adj_x, adj_y=adj_y)
    return context.reshape(result, (*batch, rows, columns))


def _flat_batch(context: Lowering, value: Value, batch: tuple[int, ...]) -> Value:
    """Merge all leading axes into one, after repeating what broadcasts."""
    if math.prod(value.shape[:-2]) == 1:
        return context.reshape(value, value.shape[-2:])
    full = (*batch, *value.shape[-2:])
    if value.shape != full:
        target = context.builder.integers(full, "shape")
        value = context.emit("BROADCAST_TO", [value, target], full)
        context.builder.nodes[-1].version = 2
    return context.reshape(value, (math.prod(batch), *value.shape[-2:]))
