"""Quantization-aware training by PT2E of torchao: the int8 grids train along with the weights."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from edgekit.compressing.errors import CompressionError
from edgekit.compressing.report import TrainedScale
from edgekit.converters.sources.base import first_line
from edgekit.converters.sources.torch_module import quiet_torch
from edgekit.errors import MissingDependencyError

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.fx import GraphModule, Node

__all__ = ["train_quantized", "trained_scales"]


def train_quantized(
    module: "nn.Module", example: tuple["Tensor", ...], fit: Callable[["nn.Module"], None]
) -> "GraphModule":
    """Return a module that computes on int8 grids: those of XNNPACK, per channel for weights.

    Batch-norms are folded into the convolutions before them, or keep their statistics, and
    dropout does not act: the module trains as it will run.

    Args:
        module: In evaluation mode; its batch size has to be open.
        example: What it takes.
        fit: Trains the module that it is called with.

    Raises:
        MissingDependencyError: torchao is not installed.
        CompressionError: torch cannot export the module, or torchao cannot prepare it.
    """
    with quiet_torch():
        torchao = _import_torchao()
    import torch

    if any(len(item) == 1 for item in example):  # torch.export takes a 1 as fixed
        example = tuple(torch.cat([item, item]) for item in example)
    shapes = tuple({0: torch.export.Dim.DYNAMIC} for _ in example)
    try:
        with quiet_torch():
            program = torch.export.export(module.eval(), example, dynamic_shapes=shapes)
            graph = program.module(check_guards=False)
            torchao["fold"](graph)
            quantizer = torchao["quantizer"]().set_global(
                torchao["config"](is_per_channel=True, is_qat=True)
            )
            prepared = torchao["prepare"](graph, quantizer)
    except Exception as error:
        raise CompressionError(
            f"the module cannot be prepared for quantization-aware training: {first_line(error)}",
            hint="torch.export has to trace it with any batch size",
        ) from error
    fit(_without_modes(prepared))
    with quiet_torch():
        converted: GraphModule = torchao["convert"](prepared)
    return _without_modes(converted)


def trained_scales(converted: "GraphModule") -> Iterator[TrainedScale]:
    """Yield the grid of each tensor that a converted module quantizes, in the graph's order."""
    for node in converted.graph.nodes:
        kind = str(node.target)
        if "quantize_per_tensor" in kind and "dequantize" not in kind:
            yield TrainedScale(node.args[0].name, (float(node.args[1]),), (int(node.args[2]),))
        elif "dequantize_per_channel" in kind:
            scales, points = (_values(converted, item) for item in node.args[1:3])
            yield TrainedScale(_weight_name(node), tuple(scales), tuple(map(int, points)))


def _without_modes(graph: "GraphModule") -> "GraphModule":
    """Let training loops call train() and eval(), which an exported graph refuses.

    What torchao would have them do replaces dropout and batch-norm by others, with a probability
    of 0.5 and an epsilon of 1e-5 whatever they had (torchao 0.18).
    """
    for name in ("train", "eval"):
        setattr(graph, name, lambda mode=True: graph)  # noqa: ARG005
    return graph


def _values(converted: "GraphModule", node: "Node") -> list[float]:
    values: list[float] = converted.get_buffer(str(node.target)).tolist()
    return values


def _weight_name(node: "Node") -> str:
    """Return the name of the layer that reads a weight, with ``.weight``."""
    for user in node.users:
        stack = user.meta.get("nn_module_stack")
        if stack:
            name, _ = list(stack.values())[-1]
            return f"{name}.weight"
    return node.name


def _import_torchao() -> dict[str, Any]:
    try:
        from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_qat_pt2e
        from torchao.quantization.pt2e.utils import _fuse_conv_bn_
        from torchao.testing.pt2e._xnnpack_quantizer import (
            XNNPACKQuantizer,
            get_symmetric_quantization_config,
        )
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            "torchao", extra="torch", purpose="quantization-aware training"
        ) from error
    return {
        "fold": _fuse_conv_bn_,
        "convert": convert_pt2e,
        "prepare": prepare_qat_pt2e,
        "quantizer": XNNPACKQuantizer,
        "config": get_symmetric_quantization_config,
    }
