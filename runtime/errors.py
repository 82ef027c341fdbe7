"""What can go wrong between a bundle and its outputs."""

from pathlib import Path

from edgekit.errors import EdgekitError

__all__ = [
    "ClosedModelError",
    "InterfaceError",
    "InterpreterError",
    "PictureError",
    "QuantizationError",
    "ValueMismatchError",
]


class InterpreterError(EdgekitError):
    """The TFLite interpreter refused to load or to run a model."""

    def __init__(self, what: str, why: str, *, hint: str | None = None) -> None:
        super().__init__(f"{what}: {why}", hint=hint)
        self.why = why


class InterfaceError(EdgekitError):
    """A bundle's manifest describes other tensors than its model has."""

    def __init__(self, path: Path, tensor: str, why: str) -> None:
        super().__init__(
            f"bundle {path}: the manifest does not fit the model at tensor '{tensor}': {why}",
            hint="the bundle was put together wrongly; build it again",
        )
        self.tensor = tensor


class ValueMismatchError(EdgekitError):
    """A value that does not fit the input or output it was given for."""

    def __init__(self, tensor: str, why: str, *, hint: str | None = None) -> None:
        super().__init__(f"{tensor}: {why}", hint=hint)
        self.tensor = tensor


class ClosedModelError(EdgekitError):
    """A model that was used after `close`."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the model '{name}' is closed", hint="make a new Model from the same bundle"
        )


class PictureError(EdgekitError):
    """A picture that cannot become the input that was asked for."""


class QuantizationError(EdgekitError):
    """Values, a scale or a zero point that have no meaning as quantized integers."""
