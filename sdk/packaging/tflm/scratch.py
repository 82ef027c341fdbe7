"""What CMSIS-NN's kernels need of the arena beyond the reference kernels that a host runs.

Bounds by CMSIS-NN's own functions for int8: ``arm_convolve_get_buffer_sizes_s8.c``,
``arm_depthwise_conv_get_buffer_sizes_s8.c``, ``arm_avgpool_get_buffer_sizes_s8.c`` in its
``Source``; for FULLY_CONNECTED with Helium, the sums of the weights' rows, which TensorFlow Lite
Micro keeps. Int16 data take the same sizes, twice.
"""

import math
from typing import Final

from edgekit.converters.graph import DataType, Graph, Operator, Subgraph
from edgekit.device_profiles.profile import IsaFeature

__all__ = ["cmsis_nn_bytes"]

_CHANNELS_OF_A_BLOCK: Final = 124  # CH_IN_BLOCK_MVE
_HANDLES_BYTES: Final = 12  # of a scratch buffer, in the interpreter's own tables


def cmsis_nn_bytes(graph: Graph, features: frozenset[IsaFeature]) -> int:
    """Return an upper bound of the scratch and tables that a model's kernels ask for.

    Scratch lives while one operator runs, so that the largest counts; sums of rows stay.

    Args:
        graph: The model.
        features: Of the core.
    """
    has_mve, has_dsp = IsaFeature.MVE in features, IsaFeature.DSP in features
    if not (has_mve or has_dsp):
        return 0
    operators = [(item, part) for part in graph.subgraphs for item in part.operators]
    scratch = [_scratch(item, part, has_mve=has_mve) for item, part in operators]
    sums = [_row_sums(item, part) for item, part in operators] if has_mve else []
    handles = _HANDLES_BYTES * sum(size > 0 for size in scratch)
    return max(scratch, default=0) + sum(sums) + handles


def _scratch(operator: Operator, part: Subgraph, *, has_mve: bool) -> int:
    inputs = [*part.inputs_of(operator)]
    channels = inputs[0].shape[-1] if inputs and inputs[0].shape else 0
    width = 2 if inputs and inputs[0].dtype is DataType.INT16 else 1
    if operator.kind == "CONV_2D":
        columns = math.prod(inputs[1].shape[1:])
        return width * (4 * _rounded(columns, 16) if has_mve else 4 * _rounded(columns, 4))
    if operator.kind == "DEPTHWISE_CONV_2D":
        kernel = inputs[1].shape[1:3]
        if not has_mve and width == 1 and kernel == (3, 3):
            return 0
        return width * math.prod(kernel) * (4 * _CHANNELS_OF_A_BLOCK if has_mve else 2 * channels)
    return 4 * channels if operator.kind == "AVERAGE_POOL_2D" else 0


def _rounded(count: int, multiple: int) -> int:
    return -(-count // multiple) * multiple


def _row_sums(operator: Operator, part: Subgraph) -> int:
    if operator.kind != "FULLY_CONNECTED":
        return 0
    weights = [*part.inputs_of(operator)][1]
    return 4 * weights.shape[0]
