"""Why an update was refused; the model that was there stays."""

from pathlib import Path

from edgekit.errors import EdgekitError

__all__ = ["NoModelError", "SelfTestError", "SignatureError", "StoreError", "UpdateRefusedError"]


class SignatureError(EdgekitError):
    """A signature that is missing or wrong, or a key that cannot be read."""

    def __init__(self, path: Path, why: str, *, hint: str) -> None:
        super().__init__(f"{path}: {why}", hint=hint)
        self.path = path


class SelfTestError(EdgekitError):
    """A model that does not give its golden outputs on this machine, or has none."""

    def __init__(self, path: Path, why: str, *, hint: str) -> None:
        super().__init__(f"bundle {path}: {why}", hint=hint)
        self.path = path


class UpdateRefusedError(EdgekitError):
    """A sound bundle that cannot take the place of the current one."""


class StoreError(EdgekitError):
    """A store whose state cannot be read."""


class NoModelError(EdgekitError):
    """A store in which no version verifies."""
