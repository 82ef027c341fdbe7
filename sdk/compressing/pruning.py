"""Magnitude and channel pruning by `torch.nn.utils.prune`: masks hold while the module trains."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from edgekit.compressing.channel_followers import channel_layers
from edgekit.compressing.errors import CompressionError
from edgekit.compressing.recipe import CompressionRecipe, Scope
from edgekit.compressing.report import weighted_layers

if TYPE_CHECKING:
    from torch import Tensor, nn

    from edgekit.compressing.channel_followers import Slot

__all__ = ["prune_channels", "prune_magnitude"]

_SPARSITY = 0.5
_NORM = 2


def prune_magnitude(
    module: "nn.Module", recipe: CompressionRecipe, fit: Callable[["nn.Module"], None]
) -> None:
    """Make the smallest weights zero, in place, and train the others.

    Biases and norms stay. Formula: magnitude pruning, Han et al., "Learning both Weights and
    Connections for Efficient Neural Networks", 2015.

    Raises:
        CompressionError: No layer can be pruned, or one would lose all its weights.
    """
    from torch.nn.utils import prune

    layers = weighted_layers(module)
    _require_prunable(module, layers)
    amount = recipe.sparsity or _SPARSITY
    if recipe.scope is Scope.LAYER:
        for layer in layers.values():
            prune.l1_unstructured(layer, "weight", amount)
    else:
        weights = [(layer, "weight") for layer in layers.values()]
        prune.global_unstructured(weights, prune.L1Unstructured, amount=amount)
    for name, layer in layers.items():
        if not layer.get_buffer("weight_mask").any():
            raise CompressionError(
                f"a sparsity of {amount} leaves the layer {name} without weights",
                hint="choose a lower one, or the scope 'layer'",
            )
    fit(module)
    for layer in layers.values():
        prune.remove(layer, "weight")


def prune_channels(
    module: "nn.Module",
    example: tuple["Tensor", ...],
    recipe: CompressionRecipe,
    fit: Callable[["nn.Module"], None],
) -> None:
    """Make the channels with the least norm zero, in place, and train the others.

    A channel is zero after its batch-norm and depthwise convolutions too: their parameters for
    it are held at zero as well. At least one channel of each layer stays, and all of the layers
    whose channels are the module's outputs.

    Raises:
        CompressionError: No layer can be pruned, or the share of channels rounds to none.
    """
    from torch.nn.utils import prune

    _require_prunable(module, weighted_layers(module))
    share, norm = recipe.sparsity or _SPARSITY, recipe.norm or _NORM
    masked: dict[Slot, None] = {}
    for found in channel_layers(module, example):
        channels = len(found.layer.get_parameter("weight"))
        count = min(round(share * channels), channels - 1)
        if count == 0:
            continue
        prune.ln_structured(found.layer, "weight", amount=count, n=norm, dim=0)
        alive = found.layer.get_buffer("weight_mask").flatten(1).any(1)
        for owner, name in found.followers:
            values = getattr(owner, name)
            shape = [-1] + [1] * (values.dim() - 1)
            prune.custom_from_mask(owner, name, alive.reshape(shape).expand_as(values))
        masked |= dict.fromkeys([(found.layer, "weight"), *found.followers])
    if not masked:
        raise CompressionError(
            f"no layer has a channel that a sparsity of {share} could take",
            hint="choose a higher one; layers that give the outputs are never pruned",
        )
    fit(module)
    for owner, name in masked:
        prune.remove(owner, name)


def _require_prunable(module: "nn.Module", layers: dict[str, "nn.Module"]) -> None:
    from torch.nn.utils import prune

    if prune.is_pruned(module):
        raise CompressionError(
            "the module is being pruned already",
            hint="make its masks permanent with torch.nn.utils.prune.remove()",
        )
    if not layers:
        raise CompressionError(
            "the module has no convolution or linear layer to prune",
            hint="weights in modules of your own are left alone; use torch.nn.Linear or Conv2d",
        )
    owners: dict[int, list[str]] = {}
    for name, part in module.named_modules():
        for _, values in part.named_parameters(recurse=False):
            owners.setdefault(id(values), []).append(name)
    for layer in layers.values():
        shared = owners[id(layer.get_parameter("weight"))]
        if len(shared) > 1:
            raise CompressionError(
                f"{' and '.join(shared)} share their weights, which masks would separate",
                hint="give each its own before pruning",
            )
