"""What to do to a module, and how to train meanwhile."""

import math
from dataclasses import dataclass
from enum import StrEnum

from edgekit.compressing.errors import CompressionError
from edgekit.errors import UnknownNameError

__all__ = ["CompressionRecipe", "Method", "Schedule", "Scope"]


class Method(StrEnum):
    """How a module is compressed."""

    MAGNITUDE = "magnitude"  # the smallest weights become zero
    CHANNELS = "channels"  # whole channels of the least norm become zero
    QAT = "qat"  # trained with its int8 grids, which become part of it
    DISTILL = "distill"  # trained to answer as a larger teacher does


class Scope(StrEnum):
    """Among which weights the smallest are sought."""

    GLOBAL = "global"  # among those of all layers together
    LAYER = "layer"  # in each layer by itself


class Schedule(StrEnum):
    """How the learning rate goes."""

    COSINE = "cosine"  # down to zero along half a cosine
    CONSTANT = "constant"


_PRUNING = (Method.MAGNITUDE, Method.CHANNELS)
_ONLY_FOR = {"sparsity": _PRUNING, "scope": (Method.MAGNITUDE,), "norm": (Method.CHANNELS,)}


@dataclass(frozen=True, slots=True)
class CompressionRecipe:
    """How :func:`edgekit.compress` compresses and trains; None stands for the default.

    Attributes:
        method: A :class:`Method`, or its name.
        sparsity: Share of weights (``magnitude``) or of each layer's channels (``channels``) to
            make zero, between 0 and 1; by default 0.5.
        scope: Of ``magnitude``; by default ``global``.
        norm: Of ``channels``: 1 or 2, the norm that ranks channels; by default 2.
        temperature: Of a teacher: above 0, how far scores are softened; by default 4.
        hard_share: Of a teacher: share of the loss, 0 to 1, that the labels have; by default 0.5.
        epochs: How often training sees each sample.
        rate: Adam's learning rate at the beginning.
        batch: Samples in a step.
        schedule: How the rate goes.
        seed: Of the division of the data, their order, and dropout.
        held_out: Share of the data that does not train, but measures accuracy.

    Raises:
        UnknownNameError: A method, scope or schedule that does not exist.
        CompressionError: A number out of its range, or one that the method has no use for.
    """

    method: Method | str
    sparsity: float | None = None
    scope: Scope | str | None = None
    norm: int | None = None
    temperature: float | None = None
    hard_share: float | None = None
    epochs: int = 10
    rate: float = 1e-3
    batch: int = 64
    schedule: Schedule | str = Schedule.COSINE
    seed: int = 0
    held_out: float = 0.2

    def __post_init__(self) -> None:
        """Check each field, and turn names into enums."""
        for field, kind in (("method", Method), ("scope", Scope), ("schedule", Schedule)):
            given = getattr(self, field)
            if given is not None and given not in list(kind):
                raise UnknownNameError(field, str(given), map(str, kind))
            if given is not None:
                object.__setattr__(self, field, kind(given))
        for field, methods in _ONLY_FOR.items():
            if getattr(self, field) is not None and self.method not in methods:
                raise CompressionError(
                    f"the method {self.method} has no use for {field}",
                    hint=f"leave it out, or choose {' or '.join(methods)}",
                )
        self._check_numbers()

    def _check_numbers(self) -> None:
        for field, fits, allowed in (
            ("sparsity", lambda v: 0 < v < 1, "above 0 and below 1"),
            ("norm", lambda v: v in {1, 2}, "1 or 2"),
            ("temperature", lambda v: 0 < v < math.inf, "above 0"),
            ("hard_share", lambda v: 0 <= v <= 1, "0 to 1"),
            ("epochs", lambda v: v >= 1 and v == int(v), "a whole number of 1 and more"),
            ("rate", lambda v: 0 < v < math.inf, "above 0"),
            ("batch", lambda v: v >= 2 and v == int(v), "a whole number of 2 and more"),
            ("seed", lambda v: 0 <= v < 2**63 and v == int(v), "a whole number of 0 and more"),
            ("held_out", lambda v: 0 < v < 1, "above 0 and below 1"),
        ):
            value = getattr(self, field)
            if value is not None and not fits(value):
                raise CompressionError(f"{field} is {value}", hint=f"allowed: {allowed}")
