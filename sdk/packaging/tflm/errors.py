"""What keeps a model from the interpreter."""

from edgekit.errors import EdgekitError

__all__ = ["ArenaMeasurementError"]


class ArenaMeasurementError(EdgekitError):
    """The interpreter on this machine does not take the model.

    Args:
        reason: What it said, at most a few lines.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(
            "TensorFlow Lite Micro could not lay out the model in memory",
            details=[line for line in reason.strip().splitlines()[-5:] if line.strip()],
            hint="`edgekit inspect` on the bundle with -d tells what the device's runtime refuses",
        )
        self.reason = reason
