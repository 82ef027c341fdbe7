"""Compression intake: what training left in a model, and the proof of what became of it."""

from edgekit.converters.compression.examining import (
    CompressionLostError,
    examine,
    require_fates,
    settle,
)
from edgekit.converters.compression.outcome import Outcome
from edgekit.converters.compression.packing import packed_weights
from edgekit.converters.compression.palette import Palette, palette_members, read_palettes
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
    "Palette",
    "SettledFinding",
    "examine",
    "packed_weights",
    "palette_members",
    "read_palettes",
    "require_fates",
    "settle",
]
