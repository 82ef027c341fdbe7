"""Zeros around a picture become the padding of the convolution that reads it."""

from edgekit.converters.graph.builder import GraphBuilder, Node
from edgekit.converters.lowering.passes.matching import Matcher
from edgekit.converters.lowering.windows import SAME, VALID, same_pads

__all__ = ["fold_pads"]


def fold_pads(builder: GraphBuilder) -> bool:
    """Let convolutions pad where TFLite's SAME is what a PAD before them does.

    Requires that nobody else reads the padded tensor. Ensures the same values.
    """
    changed = False
    matcher = Matcher(builder)
    for node in builder.nodes:
        if node.kind not in ("CONV_2D", "DEPTHWISE_CONV_2D") or node.options["padding"] != VALID:
            continue
        maker = matcher.private_maker(node.inputs[0], node, "PAD")
        if maker is not None and _is_same(maker, node):
            node.inputs[0] = maker.inputs[0]
            node.options["padding"] = SAME
            changed = True
    return changed


def _is_same(pad: Node, node: Node) -> bool:
    value, amounts = pad.inputs[:2]
    filters = node.inputs[1]
    if value is None or filters is None or amounts is None or amounts.data is None:
        return False
    expected: list[tuple[int, int]] = [(0, 0)]
    for axis, side in ((1, "h"), (2, "w")):
        extent = (filters.shape[axis] - 1) * node.options[f"dilation_{side}_factor"] + 1
        stride = node.options[f"stride_{side}"]
        expected.append(same_pads(value.shape[axis], extent, stride))
        if node.outputs[0].shape[axis] != -(-value.shape[axis] // stride):
            return False
    return [tuple(pair) for pair in amounts.data.tolist()] == [*expected, (0, 0)]
