"""Which layers have channels to prune, and which parameters go with each channel."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edgekit.compressing.errors import CompressionError
from edgekit.converters.sources.base import first_line
from edgekit.converters.sources.torch_module import quiet_torch

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.fx import Node

    Slot = tuple[nn.Module, str]

__all__ = ["ChannelLayer", "channel_layers"]

_CONVOLUTIONS = frozenset(["aten.conv1d", "aten.conv2d", "aten.conv3d"])
_PRUNED = _CONVOLUTIONS | {"aten.linear"}
_MIXING = _PRUNED | {"aten.conv_transpose1d", "aten.conv_transpose2d", "aten.conv_transpose3d"}
# Each channel by itself, and zero where it is zero.
_PLAIN = frozenset(
    f"aten.{name}"
    for name in (
        "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_max_pool2d avg_pool1d avg_pool2d "
        "avg_pool3d clone contiguous dropout elu feature_dropout gelu hardswish hardtanh "
        "leaky_relu max_pool1d max_pool2d max_pool3d mish relu relu6 silu tanh"
    ).split()
)


@dataclass(frozen=True, slots=True)
class ChannelLayer:
    """A layer whose channels can be made zero.

    Attributes:
        layer: Its output channels are along the first axis of its weights.
        followers: Parameters with the same channels along their first axis (its bias, and those
            of the batch-norms and depthwise convolutions behind it) that have to be zero for a
            channel to stay zero.
    """

    layer: "nn.Module"
    followers: tuple["Slot", ...]


def channel_layers(module: "nn.Module", example: tuple["Tensor", ...]) -> Iterator[ChannelLayer]:
    """Yield the convolutions and linear layers whose channels are not the module's outputs.

    Depthwise convolutions go with the layer before them, and are not yielded.

    Raises:
        CompressionError: torch cannot export the module.
    """
    import torch

    try:
        with quiet_torch():
            program = torch.export.export(module.eval(), example)
    except Exception as error:
        raise CompressionError(
            f"torch.export cannot trace the module: {first_line(error)}",
            hint="torch.export.export(module, args) must work by itself",
        ) from error
    names = program.graph_signature.inputs_to_parameters
    found: dict[str, list[Node]] = {}
    for node in program.graph.nodes:
        if _kind(node) in _PRUNED and not _is_depthwise(node) and _argument(node, 1) in names:
            found.setdefault(names[_argument(node, 1)], []).append(node)
    for weight, nodes in found.items():
        slots = [slot for node in nodes for slot in _following(node, names, own=True)]
        if None in slots or any(map(_gives_output, nodes)):
            continue
        paths = dict.fromkeys(slot.rpartition(".") for slot in slots if slot)
        yield ChannelLayer(
            module.get_submodule(weight.rpartition(".")[0]),
            tuple((module.get_submodule(owner), name) for owner, _, name in paths),
        )


def _following(node: "Node", names: dict[str, str], *, own: bool = False) -> Iterator[str | None]:
    """Yield the names of the parameters that go with a node's channels, None for a missing one."""
    kind = _kind(node)
    if kind == "aten.batch_norm":  # without gamma and beta, it shifts a channel off zero
        yield names.get(_argument(node, 1))
        yield names.get(_argument(node, 2))
    elif own or (kind in _CONVOLUTIONS and _is_depthwise(node)):
        if not own:
            yield names.get(_argument(node, 1))
        if _argument(node, 2):
            yield names.get(_argument(node, 2))
    elif kind not in _PLAIN:
        return
    for user in node.users:
        if user.args and user.args[0] is node:
            yield from _following(user, names)


def _gives_output(node: "Node") -> bool:
    """Whether an output of the module has the channels of a node: no layer mixes them before."""
    seen, waiting = set(), [node]
    while waiting:
        for user in waiting.pop().users:
            if user.op == "output":
                return True
            if user not in seen and (_kind(user) not in _MIXING or _is_depthwise(user)):
                seen.add(user)
                waiting.append(user)
    return False


def _is_depthwise(node: "Node") -> bool:
    if _kind(node) not in _CONVOLUTIONS:
        return False
    rows, columns = node.args[1].meta["val"].shape[:2]  # type: ignore[union-attr]
    return bool(columns == 1 and rows > 1 and node.args[0].meta["val"].shape[1] == rows)  # type: ignore[union-attr]


def _kind(node: "Node") -> str:
    return str(getattr(node.target, "overloadpacket", "")).removesuffix("_")


def _argument(node: "Node", index: int) -> str:
    """Return the name of the node that is an argument, empty where there is none."""
    item: Any = node.args[index] if len(node.args) > index else None
    return getattr(item, "name", "")
