"""A node of the source that cannot be expressed exactly."""

from typing import TYPE_CHECKING

from edgekit.errors import EdgekitError

if TYPE_CHECKING:
    from edgekit.converters.lowering.source_graph import SourceNode

__all__ = ["RefusedError"]


class RefusedError(EdgekitError):
    """A lowering that would not be exact, with what would work.

    Args:
        node: The user's node.
        why: What about it cannot be expressed.
        hint: What would work.
    """

    def __init__(self, node: "SourceNode", why: str, *, hint: str | None = None) -> None:
        super().__init__(f"{node.label} cannot be lowered: {why}", hint=hint)
        self.node = node
        self.why = why
