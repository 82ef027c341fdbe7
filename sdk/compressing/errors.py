"""What compressing can fail of, beside what reading and writing files can."""

from edgekit.errors import EdgekitError

__all__ = ["CompressionError"]


class CompressionError(EdgekitError):
    """A recipe, data or a module that cannot be compressed as asked."""
