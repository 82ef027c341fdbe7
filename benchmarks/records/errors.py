"""What can go wrong with the database of results."""

from collections.abc import Sequence
from pathlib import Path

from edgekit.errors import EdgekitError

__all__ = ["DocumentError", "RecordsError", "UnknownRecordError", "UnreadableRecordError"]


class RecordsError(EdgekitError):
    """A database of results that cannot be opened, read or written."""

    def __init__(self, path: Path, why: str, *, hint: str) -> None:
        super().__init__(f"database of results {path}: {why}", hint=hint)
        self.path = path
        self.why = why


class DocumentError(EdgekitError):
    """What was to be recorded is no document of a known form."""

    def __init__(self, why: str, *, hint: str = "give what edgekit wrote as JSON") -> None:
        super().__init__(f"this cannot be recorded: {why}", hint=hint)
        self.why = why


class UnknownRecordError(EdgekitError):
    """The beginning of an id that no record has, or more than one."""

    def __init__(self, given: str, matches: Sequence[str] = ()) -> None:
        if matches:
            message = f"'{given}' is the beginning of the ids of {len(matches)} records"
            hint = "give more of it"
        else:
            message = f"no record has an id that begins with '{given}'"
            hint = "`edgekit results list` shows them"
        super().__init__(message, hint=hint, details=matches)
        self.given = given
        self.matches = tuple(matches)


class UnreadableRecordError(EdgekitError):
    """A record that is not what a command takes."""

    def __init__(self, identity: str, why: str, hint: str | None = None) -> None:
        super().__init__(
            f"record {identity} cannot be used: {why}",
            hint=hint or "`edgekit results list` shows what there is",
        )
        self.identity = identity
        self.why = why
