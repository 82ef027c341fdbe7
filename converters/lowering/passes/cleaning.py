"""Which passes run over the float graph, in which order."""

from edgekit.converters.graph.builder import GraphBuilder
from edgekit.converters.lowering.passes.activations import fuse_activations
from edgekit.converters.lowering.passes.broadcasts import drop_broadcasts
from edgekit.converters.lowering.passes.constants import drop_neutral, merge_constants, order_affine
from edgekit.converters.lowering.passes.duplicates import share_duplicates
from edgekit.converters.lowering.passes.movements import join_movements
from edgekit.converters.lowering.passes.pads import fold_pads
from edgekit.converters.lowering.passes.patterns import (
    recognise_hard_swish,
    recognise_reciprocal_root,
    recognise_squared_difference,
)
from edgekit.converters.lowering.passes.permutations import permute_dense_inputs, permute_filters
from edgekit.converters.lowering.passes.reshapes import drop_reshapes, sink_reshapes
from edgekit.converters.lowering.passes.scales import fold_scales
from edgekit.converters.lowering.passes.slices import join_slices
from edgekit.converters.lowering.passes.transposes import join_transposes
from edgekit.converters.lowering.passes.versions import set_versions

__all__ = ["clean_graph"]

_PASSES = (
    join_slices,
    join_transposes,
    join_movements,
    share_duplicates,
    drop_broadcasts,
    drop_reshapes,
    sink_reshapes,
    drop_neutral,
    fold_pads,
    fold_scales,
    permute_dense_inputs,
    permute_filters,
    merge_constants,
    order_affine,
    recognise_reciprocal_root,
    recognise_squared_difference,
    recognise_hard_swish,
    GraphBuilder.remove_dead,
)


def clean_graph(builder: GraphBuilder) -> None:
    """Run every pass until nothing changes.

    Requires a float graph. Ensures that no operator is without use, that scales, shifts and
    activations are inside the operators that take them, and that versions are right.
    Activations come last: what carries one is not folded into the operator before it.
    """
    builder.remove_dead()
    while any(run(builder) for run in _PASSES) or fuse_activations(builder):
        pass
    set_versions(builder)
