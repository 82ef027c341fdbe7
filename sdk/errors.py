"""The one family of errors that edgekit raises: what was given, what is wrong, what to do."""

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path

__all__ = [
    "EdgekitError",
    "MissingDependencyError",
    "UnknownNameError",
    "UnreadableFileError",
    "WriteError",
]


class EdgekitError(Exception):
    """Base of every error that crosses the public API.

    Args:
        message: What was given and what is wrong with it, in one sentence.
        hint: What to do next.
        details: Further lines, for example one per offending tensor.
    """

    def __init__(
        self, message: str, *, hint: str | None = None, details: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = tuple(details)

    def __str__(self) -> str:
        lines = [self.message, *(f"  {line}" for line in self.details)]
        if self.hint:
            lines.append(f"  -> {self.hint}")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        """Let an error cross processes: subclasses take arguments that `args` does not hold."""
        return _restored, (type(self), self.args, self.__dict__)

    def to_json(self) -> dict[str, object]:
        """Return the error as what ``--json`` prints."""
        return {
            "error": type(self).__name__,
            "message": self.message,
            "details": list(self.details),
            "hint": self.hint,
        }


def _restored(
    kind: type[EdgekitError], arguments: tuple[object, ...], state: dict[str, object]
) -> EdgekitError:
    error = kind.__new__(kind, *arguments)
    error.__dict__.update(state)
    return error


class UnknownNameError(EdgekitError):
    """A name that stands for nothing, with the nearest valid names."""

    def __init__(self, kind: str, given: str, allowed: Iterable[str]) -> None:
        names = sorted(allowed)
        near = difflib.get_close_matches(given, names, n=3, cutoff=0.4)
        super().__init__(
            f"unknown {kind} '{given}'",
            hint=f"did you mean {', '.join(near)}?" if near else f"known: {', '.join(names)}",
        )
        self.given = given
        self.near = tuple(near)


class MissingDependencyError(EdgekitError):
    """A package that this step needs is not installed."""

    def __init__(self, package: str, *, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the package '{package}', which is not installed",
            hint=f"pip install 'edgekit[{extra}]'",
        )
        self.package = package


class UnreadableFileError(EdgekitError):
    """A file that is missing, truncated, or not what it should be."""

    def __init__(self, path: Path | str, why: str, *, hint: str | None = None) -> None:
        super().__init__(f"cannot read {path}: {why}", hint=hint)
        self.path = Path(path)


class WriteError(EdgekitError):
    """An output that could not be written; nothing half-written is left."""

    def __init__(self, path: Path | str, cause: OSError) -> None:
        super().__init__(
            f"cannot write {path}: {cause.strerror or cause}",
            hint="free some space or choose another place; nothing was left behind",
        )
        self.path = Path(path)
