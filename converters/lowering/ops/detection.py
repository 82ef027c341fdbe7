"""Operators of detection heads that no static graph can hold: refused by name."""

from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.registry import lowers
from edgekit.converters.lowering.source_graph import SourceNode

_WHY = {
    "NonMaxSuppression": "how many boxes it selects is known only when the model runs",
    "MaxUnpool": "it puts values at positions that are computed while the model runs",
    "MaxRoiPool": "its regions are computed while the model runs",
    "RoiAlign": "its regions are computed while the model runs",
    "DeformConv": "TFLite has no convolution with computed offsets",
}
_HINTS = {
    "NonMaxSuppression": "cut the model in front of it and let the application select boxes",
    "MaxUnpool": "export the model with another upsampling",
    "DeformConv": "export the model with an ordinary convolution",
}


@lowers(*_WHY)
def detection(context: Lowering, node: SourceNode) -> None:  # noqa: ARG001
    """Refuse, with what would work.

    Raises:
        RefusedError: Always.
    """
    hint = _HINTS.get(node.kind, "cut the model in front of it")
    raise RefusedError(node, _WHY[node.kind], hint=hint)
