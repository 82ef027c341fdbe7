"""What a rung of the ladder is, and what is reported of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from edgekit.converters.accuracy.bench import Bench
from edgekit.converters.accuracy.cost import Cost
from edgekit.converters.quantize.recipe import Recipe

__all__ = ["Outcome", "Rung", "RungReport", "Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """What a rung made of a recipe.

    Attributes:
        recipe: The changed recipe; the very one that was given where there was nothing to do.
        layers: Source nodes, or tensors without one, whose integers were changed.
        remark: What was done, or why nothing was.
        interrupted: Whether Ctrl-C ended it early; what was done until then is in the recipe.
    """

    recipe: Recipe
    layers: tuple[str, ...]
    remark: str
    interrupted: bool = False


class Rung(Protocol):
    """One way to lose less, that can be used alone or on a ladder.

    A rung changes parts of a recipe and leaves the others as they are, so that rungs add up.
    It decides by calibration samples alone: evaluation samples are the judge's. Under the same
    samples it makes the same recipe. It says by `Bench.advance` how far it is. Nothing to do is
    no error; a package that is not installed is a `MissingDependencyError`, and the ladder goes on
    without the rung.
    """

    @property
    def name(self) -> str:
        """A word for the report."""
        ...

    def apply(self, recipe: Recipe, bench: Bench) -> Step:
        """Return the changed recipe."""
        ...


class Outcome(StrEnum):
    """What became of a rung's change."""

    KEPT = "kept"  # better than the best before
    NO_GAIN = "no gain"  # not better than the best before: taken back
    REFUSED = "refused"  # breaks the contract of the scheme or of a device: taken back
    NOT_APPLICABLE = "not applicable"  # nothing was changed


@dataclass(frozen=True, slots=True)
class RungReport:
    """One rung as it was climbed.

    Attributes:
        name: Of the rung; ``plain`` is the recipe without any.
        outcome: What became of its change.
        remark: What was done, or why not.
        layers: Source nodes, or tensors without one, that were changed.
        metric: In percent on the evaluation samples, measured; None without labels or model.
        drop: Points lost from the source, measured; None likewise.
        sqnr_db: Of the worst output on the evaluation samples, measured; None where no model was
            made, or where all outputs are equal.
        holds: Whether the model is within the budget.
        cost: Size and work of the model, counted; None where no model was made.
        seconds: Measured wall time of the rung with its judgement.
    """

    name: str
    outcome: Outcome
    remark: str
    layers: tuple[str, ...]
    metric: float | None
    drop: float | None
    sqnr_db: float | None
    holds: bool
    cost: Cost | None
    seconds: float
