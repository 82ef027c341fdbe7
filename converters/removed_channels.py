"""Which channels of a source the lowered model does without, and how that was proved."""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["ChannelCounts", "RemovedChannels"]


@dataclass(frozen=True, slots=True)
class ChannelCounts:
    """Channels of a layer's weights before and after.

    Attributes:
        outputs: Before and after.
        inputs: Before and after; of depthwise weights those of the tensor they are applied to.
    """

    outputs: tuple[int, int]
    inputs: tuple[int, int]


@dataclass(frozen=True, slots=True)
class RemovedChannels:
    """What became of channels that are zero, constant or read by nobody.

    Attributes:
        layers: The source's weights -> their counts; empty where nothing was removed.
        macs: Multiply-accumulates of one inference before and after.
        difference: Largest absolute difference of any float output with and without the
            channels, as a share of the output's largest magnitude; measured on random samples.
        accepted: Whether the model does without them; False where the difference is too large.
    """

    layers: Mapping[str, ChannelCounts] = field(repr=False)
    macs: tuple[int, int]
    difference: float
    accepted: bool
