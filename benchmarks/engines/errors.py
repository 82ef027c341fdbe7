"""What can go wrong when engines are compared; most of it becomes a row of the table."""

from edgekit.errors import EdgekitError

__all__ = ["EngineFailedError", "EngineUnavailableError"]


class EngineUnavailableError(EdgekitError):
    """An engine that cannot take this model here, as it says itself."""

    def __init__(self, engine: str, why: str, *, hint: str | None = None) -> None:
        super().__init__(f"{engine}: {why}", hint=hint)
        self.engine = engine
        self.why = why


class EngineFailedError(EdgekitError):
    """An engine that broke off: an exception of its own, a crash, or no answer in time."""

    def __init__(self, engine: str, why: str, *, hint: str | None = None) -> None:
        super().__init__(f"{engine} failed: {why}", hint=hint)
        self.engine = engine
        self.why = why
