"""What attention must not attend to: masks of the user, of causality and of padding."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.graph.data_type import DataType
from edgekit.converters.lowering.context import Lowering
from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.formula import Formula
from edgekit.converters.lowering.source_graph import SourceNode

__all__ = ["LOW", "Mask", "read_mask"]

LOW = -1e30
"""Added instead of minus infinity, which TFLite's kernels don't all carry: its softmax is 0 too."""

_MASK, _PAST, _LENGTHS = 3, 4, 6  # input positions


@dataclass(frozen=True, slots=True)
class Mask:
    """What is added to scores ``[batch, heads, queries, keys]``.

    Attributes:
        context: The lowering.
        known: Known numbers, minus infinity where nothing may be attended; None without.
        computed: Computed numbers to add, or truths that say what may be attended; None without.
    """

    context: Lowering
    known: npt.NDArray[np.float32] | None
    computed: Formula | None

    @property
    def is_known(self) -> bool:
        """Whether all of it is known before the model runs."""
        return self.computed is None

    def added(self, scores: Formula) -> Formula:
        """Return the masked scores, with :data:`LOW` for minus infinity."""
        scores = self._with_bias(scores)
        if self.known is not None:
            scores += self._constant(self.known.clip(LOW))
        masked = self._with_truths(scores, LOW)
        return masked if self.is_known else masked.binary("MAXIMUM", LOW)

    def added_exactly(self, scores: Formula) -> Formula:
        """Return the masked scores with minus infinity, as the specification has them.

        It is chosen, not added, since TFLite's ADD saturates.
        """
        scores = self._with_bias(scores)
        if self.known is not None:
            allowed = np.isfinite(self.known)
            scores += self._constant(np.where(allowed, self.known, np.float32(0.0)))
            scores = self._constant(allowed).where(scores, -np.inf)
        return self._with_truths(scores, -np.inf)

    def attended_rows(self) -> Formula | None:
        """Return 0 for the rows in which nothing may be attended; None where there is no such."""
        if self.known is None:
            return None
        rows = np.asarray(np.isfinite(self.known).any(axis=-1, keepdims=True))
        return None if rows.all() else self._constant(rows.astype(np.float32))

    def _with_bias(self, scores: Formula) -> Formula:
        if self.computed is None or self.computed.value.dtype is DataType.BOOL:
            return scores
        return scores + self.computed

    def _with_truths(self, scores: Formula, low: float) -> Formula:
        if self.computed is None or self.computed.value.dtype is not DataType.BOOL:
            return scores
        return self.computed.where(scores, low)

    def _constant(self, values: npt.NDArray[Any]) -> Formula:
        return Formula(self.context, self.context.builder.constant(values, "mask"))


def read_mask(context: Lowering, node: SourceNode, queries: int, keys: int) -> Mask:
    """Return everything that masks an Attention node.

    Args:
        context: The lowering.
        node: The node.
        queries: Number of queries.
        keys: Number of keys, those in the cache included.
    """
    parts: list[npt.NDArray[Any]] = []
    computed = None
    if node.has(_MASK):
        values = context.constant(node.inputs[_MASK])
        if values is not None:
            parts.append(_padded(_as_bias(values), keys))
        elif context.shape(node.inputs[_MASK])[-1] not in (1, keys):
            raise RefusedError(node, "its computed mask is shorter than the keys are")
        else:
            computed = Formula(context, context.get(node.inputs[_MASK]))
    offset: npt.NDArray[Any] = np.zeros((1, 1, 1, 1), np.int64)
    if node.has(_PAST):
        offset = offset + context.shape(node.inputs[_PAST])[2]
    if node.has(_LENGTHS):
        lengths = context.required_constant(node, _LENGTHS).reshape(-1, 1, 1, 1)
        parts.append(_as_bias(np.arange(keys) < lengths))
        offset = lengths - queries
    if node.integer("is_causal", 0):
        parts.append(_as_bias(np.arange(keys) <= np.arange(queries)[:, None] + offset))
    known = None
    for part in parts:
        known = part if known is None else known + part
    return Mask(context, known, computed)


def _as_bias(values: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    if values.dtype == np.bool_:
        return np.where(values, np.float32(0.0), np.float32(-np.inf))
    return values.astype(np.float32)


def _padded(values: npt.NDArray[np.float32], keys: int) -> npt.NDArray[np.float32]:
    missing = keys - values.shape[-1]
    if missing <= 0 or values.shape[-1] == 1:
        return values
    pads = [(0, 0)] * (values.ndim - 1) + [(0, missing)]
    return np.pad(values, pads, constant_values=-np.inf)
