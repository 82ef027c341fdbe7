"""What the generator refuses."""

from edgekit.converters.graph import Operator
from edgekit.errors import EdgekitError

__all__ = ["ArenaBudgetError", "LibraryNameError", "UnsupportedLayerError"]


class UnsupportedLayerError(EdgekitError):
    """An operator that has no kernel which computes what TensorFlow Lite Micro does.

    Args:
        operator: The operator.
        why: What about it has none.
    """

    def __init__(self, operator: Operator, why: str) -> None:
        super().__init__(f"{operator.kind} #{operator.index} cannot be generated: {why}")
        self.operator = operator
        self.why = why


class LibraryNameError(EdgekitError):
    """A name that C identifiers cannot start with."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"'{name}' is no name for a C library",
            hint="lower-case letters, digits and underscores, the first a letter",
        )
        self.name = name


class ArenaBudgetError(EdgekitError):
    """A model that cannot be computed in as little memory as was asked for.

    Args:
        budget_bytes: What was asked for.
        smallest_bytes: The smallest arena that was found.
    """

    def __init__(self, budget_bytes: int, smallest_bytes: int) -> None:
        super().__init__(
            f"no schedule needs an arena of {budget_bytes:,} bytes or less: the smallest that was "
            f"found takes {smallest_bytes:,}, {smallest_bytes - budget_bytes:,} bytes over",
            hint="allow more, or make the model's inputs or first layers smaller",
        )
        self.budget_bytes = budget_bytes
        self.smallest_bytes = smallest_bytes
