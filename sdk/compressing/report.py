"""What compressing did to a module, in figures that were measured on the result."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from edgekit.compressing.recipe import Method

if TYPE_CHECKING:
    from torch import nn

__all__ = ["CompressionReport", "LayerDensity", "TrainedScale", "densities", "weighted_layers"]


@dataclass(frozen=True, slots=True)
class LayerDensity:
    """How many of a layer's weights are left.

    Attributes:
        layer: Name of the module.
        weights: How many it has.
        nonzero: How many of them are not zero.
        channels: How many slices along the weights' first axis, output channels as a rule.
        zero_channels: How many of those are zero altogether.
    """

    layer: str
    weights: int
    nonzero: int
    channels: int
    zero_channels: int


@dataclass(frozen=True, slots=True)
class TrainedScale:
    """The int8 grid that training chose for a tensor.

    Attributes:
        tensor: What the exported graph calls it, or a layer's name with ``.weight``.
        scales: One, or one for each channel; real = scale * (integer - zero point).
        zero_points: As many.
    """

    tensor: str
    scales: tuple[float, ...]
    zero_points: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CompressionReport:
    """What was done, and what it cost; all of it measured.

    Attributes:
        method: How the module was compressed.
        layers: Layers with weights; of ``qat`` none.
        scales: Of ``qat`` alone: the grids that the module computes with.
        losses: Mean training loss of each epoch; empty with a training loop of the user's.
        held_out: How many samples measured accuracy.
        accuracy_before: Per cent of them right as the module came; None without data.
        accuracy_after: Per cent of them right now.
        interrupted: Whether Ctrl-C ended the training.
    """

    method: Method
    layers: tuple[LayerDensity, ...]
    scales: tuple[TrainedScale, ...]
    losses: tuple[float, ...]
    held_out: int
    accuracy_before: float | None
    accuracy_after: float | None
    interrupted: bool

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        return {**asdict(self), "provenance": "measured"}


def weighted_layers(module: "nn.Module") -> dict[str, "nn.Module"]:
    """Return the convolutions and linear layers of a module that own their weights, by name."""
    from torch import nn
    from torch.nn.modules.conv import _ConvNd
    from torch.nn.modules.linear import NonDynamicallyQuantizableLinear

    return {
        name: layer
        for name, layer in module.named_modules()
        if isinstance(layer, _ConvNd | nn.Linear)
        # The output projection in nn.MultiheadAttention is never called as a layer.
        and not isinstance(layer, NonDynamicallyQuantizableLinear)
        and "weight" in dict(layer.named_parameters(recurse=False))
    }


def densities(module: "nn.Module") -> tuple[LayerDensity, ...]:
    """Count the zeros in each layer with weights."""
    found = []
    for name, layer in weighted_layers(module).items():
        rows = layer.get_parameter("weight").detach().flatten(1) != 0
        alive = int(rows.any(1).sum())
        found.append(
            LayerDensity(name, rows.numel(), int(rows.sum()), len(rows), len(rows) - alive)
        )
    return tuple(found)
