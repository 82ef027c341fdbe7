"""What training left in a model, and what became of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

__all__ = ["CompressionFinding", "Fate", "FindingKind", "SettledFinding"]

Figure = float | int | str


class FindingKind(StrEnum):
    """What a compression left."""

    TRAINED_GRID = "trained grid"  # scale and zero point that training or calibration chose
    PRUNED = "pruned"  # zeros among the weights
    DISTINCT_VALUES = "few distinct values"  # palettes, ternary, binary, binary codes
    LOW_BIT = "low-bit weights"  # on a grid of four bits or fewer
    ADAPTER = "adapter"  # low-rank updates beside the weights
    LEFTOVER = "training leftover"  # what only training needs
    EXPERTS = "mixture of experts"  # blocks of which a router chooses few


class Fate(StrEnum):
    """What became of a finding; the first two lose nothing."""

    KEPT = "kept"  # the device has it, value by value
    MERGED = "merged"  # its effect is in other tensors, proved equal
    REQUANTIZED = "requantized"  # on another grid than the trained one
    LOST = "lost"

    @property
    def loss(self) -> int:
        """How much is lost, to compare by: nothing, a grid, everything."""
        return {Fate.REQUANTIZED: 1, Fate.LOST: 2}.get(self, 0)


@dataclass(frozen=True, slots=True)
class CompressionFinding:
    """Something that training paid for.

    Attributes:
        kind: What it is.
        tensor: The source's tensor, or the node, that has it.
        summary: One line for people.
        figures: What was counted, by name; units stand in the names.
    """

    kind: FindingKind
    tensor: str
    summary: str
    figures: Mapping[str, Figure]

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class SettledFinding:
    """A finding after conversion.

    Attributes:
        finding: What was there.
        fate: What became of it.
        proof: How that is known: what was compared, with the figures.
    """

    finding: CompressionFinding
    fate: Fate
    proof: str

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {**self.finding.to_json(), "fate": self.fate, "proof": self.proof}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote.

        Raises:
            KeyError: Something is missing.
            ValueError: It names an unknown kind or fate.
        """
        finding = CompressionFinding(
            FindingKind(data["kind"]), data["tensor"], data["summary"], data["figures"]
        )
        return cls(finding, Fate(data["fate"]), data["proof"])
