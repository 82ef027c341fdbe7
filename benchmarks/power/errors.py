"""What can go wrong between a power meter and a number."""

from edgekit.errors import EdgekitError

__all__ = ["MeterError", "MeterPermissionError"]


class MeterError(EdgekitError):
    """A meter that is not there, does not answer, or did not record what was asked for."""

    def __init__(self, meter: str, why: str, *, hint: str | None = None) -> None:
        super().__init__(f"power meter '{meter}': {why}", hint=hint)
        self.meter = meter
        self.why = why


class MeterPermissionError(MeterError):
    """A meter that is there and may not be read.

    Attributes:
        command: What grants the permission, to be run as it stands.
    """

    def __init__(self, meter: str, what: str, *, command: str, then: str = "") -> None:
        super().__init__(meter, f"no permission to read {what}", hint=f"run:  {command}{then}")
        self.what = what
        self.command = command
