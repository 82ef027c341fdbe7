"""Which channels of each tensor have to stay."""

import numpy as np
import numpy.typing as npt

from edgekit.converters.compression.channel_removal.constants import KnownChannels, absorbable
from edgekit.converters.compression.channel_removal.layers import Layer, channels_of, layer_of
from edgekit.converters.compression.channel_removal.ties import Tie, ties_of
from edgekit.converters.graph.builder import GraphBuilder, Value

__all__ = ["Kept", "kept_channels"]

Flags = npt.NDArray[np.bool_]
Kept = dict[Value, Flags]
"""Computed value -> which of its channels stay."""


def kept_channels(builder: GraphBuilder, known: KnownChannels) -> Kept:
    """Return the fewest channels with which every output of the model is what it was.

    Needed is what the model's outputs need: through layers what a weight reads, unless its
    channel is known and goes into the bias; through all else the same channel. Operators that
    do not work channel by channel need all. Each tensor keeps one channel at least.

    Args:
        builder: The graph; every operator is needed.
        known: Of its values.
    """
    return _Search(builder, known).run()


class _Search:
    """Adds channels until nothing that stays misses what it is computed from."""

    def __init__(self, builder: GraphBuilder, known: KnownChannels) -> None:
        self._kept: Kept = {}
        self._ties: list[Tie] = []
        self._reads: list[tuple[Layer, Flags]] = []
        whole = [*builder.inputs, *builder.outputs]
        for node in builder.nodes:
            computed = [value for value in node.reads() if not value.is_constant]
            for value in (*computed, *node.outputs):
                self._kept.setdefault(value, np.zeros(channels_of(value), np.bool_))
            layer, ties = layer_of(node), ties_of(node)
            tied: set[Value] = set()
            if layer is not None:
                tied = {layer.input, layer.output}
                if not layer.is_depthwise:
                    self._reads.append((layer, _reads(layer, known)))
            elif ties:
                tied = {value for tie in ties for value in (tie.one, tie.other)}
            self._ties.extend(tie for tie in ties or () if not tie.other.is_constant)
            whole.extend(value for value in (*computed, *node.outputs) if value not in tied)
        for value in whole:
            self._kept[value] = np.ones(channels_of(value), np.bool_)

    def run(self) -> Kept:
        """Return what stays."""
        self._spread()
        for value in list(self._kept):
            if not self._kept[value].any():
                self._kept[value][0] = True
                self._spread()
        return self._kept

    def _spread(self) -> None:
        before = -1
        while (now := sum(int(flags.sum()) for flags in self._kept.values())) != before:
            before = now
            for tie in reversed(self._ties):
                one, other = self._kept[tie.one], self._kept[tie.other]
                np.logical_or.at(other, tie.others, one[tie.ones])
                np.logical_or.at(one, tie.ones, other[tie.others])
            for layer, reads in reversed(self._reads):
                self._kept[layer.input] |= reads[self._kept[layer.output]].any(axis=0)


def _reads(layer: Layer, known: KnownChannels) -> Flags:
    """Return ``[outputs, inputs]``: which input channels an output channel needs."""
    given = known.get(layer.input, np.full(channels_of(layer.input), np.nan))
    needed: Flags = layer.taps.any(axis=1) & ~absorbable(layer, given)
    return needed
