"""What keeps a model from being profiled."""

from edgekit.errors import EdgekitError

__all__ = ["ProfileError"]


class ProfileError(EdgekitError):
    """A model that cannot be taken apart operator by operator."""

    def __init__(self, model: str, why: str, *, hint: str | None = None) -> None:
        super().__init__(f"cannot profile {model}: {why}", hint=hint)
        self.model = model
        self.why = why
