"""Compression intake: what training left in a model, and the proof of what became of it."""

from edgekit.converters.compression.examining import (
    CompressionLostError,
    examine,
    require_fates,
    settle,
)
from edgekit.converters.compression.outcome import Outcome
from edgekit.converters.finding import (
    CompressionFinding,
    Fate,
    FindingKind,
    SettledFinding,
)

__all__ = [
    "CompressionFinding",
    "CompressionLostError",
    "Fate",
    "FindingKind",
    "Outcome",
    "SettledFinding",
    "examine",
    "require_fates",
    "settle",
]
