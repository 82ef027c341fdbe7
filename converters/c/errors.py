"""What the generator refuses."""

from edgekit.converters.graph import Operator
from edgekit.errors import EdgekitError

__all__ = ["LibraryNameError", "UnsupportedLayerError"]


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
