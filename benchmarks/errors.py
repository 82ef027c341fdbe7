"""What can go wrong when a bundle is measured or a result is read."""

from edgekit.errors import EdgekitError

__all__ = ["InvalidOptionError", "MeasurementError", "ResultFormatError", "TargetError"]


class MeasurementError(EdgekitError):
    """A number that lacks what makes it a measurement."""

    def __init__(self, why: str, *, hint: str) -> None:
        super().__init__(f"not a measurement: {why}", hint=hint)
        self.why = why


class InvalidOptionError(EdgekitError):
    """An option or input of a benchmark that makes no sense."""

    def __init__(self, option: str, given: object, allowed: str) -> None:
        super().__init__(f"{option} is {given!r}", hint=f"it must be {allowed}")
        self.option = option
        self.given = given


class TargetError(EdgekitError):
    """A target that broke its contract or cannot run a bundle."""

    def __init__(self, target: str, why: str, *, hint: str | None = None) -> None:
        super().__init__(f"target '{target}': {why}", hint=hint)
        self.target = target
        self.why = why


class ResultFormatError(EdgekitError):
    """JSON that is not what edgekit writes."""

    def __init__(self, what: str, why: str, *, hint: str | None = None) -> None:
        super().__init__(
            f"this is no {what}: {why}",
            hint=hint or "it was not written by edgekit, or was edited; measure again",
        )
        self.why = why
