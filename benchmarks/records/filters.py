"""Which records are meant: by model, target, device, kind and time."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from edgekit.benchmarks.errors import InvalidOptionError

__all__ = ["RecordFilter", "parse_since"]

_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """What a record must be; None takes all.

    Attributes:
        kind: Of the document.
        model: Name of the model, or the beginning of its SHA-256 with at least six digits.
        target: Where it ran.
        device: Name of a device profile.
        since: Earliest start; a time without a zone is UTC.
    """

    kind: str | None = None
    model: str | None = None
    target: str | None = None
    device: str | None = None
    since: datetime | None = None

    def parameters(self) -> dict[str, str | None]:
        """Return what a statement that selects records is given."""
        digits = re.fullmatch("[0-9a-f]{6,64}", self.model or "")
        since = None
        if self.since is not None:
            zoned = self.since if self.since.tzinfo else self.since.replace(tzinfo=UTC)
            since = zoned.astimezone(UTC).isoformat(timespec="seconds")
        return {
            "kind": self.kind,
            "model": self.model,
            "sha256": f"{self.model}*" if digits else "",
            "target": self.target,
            "device": self.device,
            "since": since,
        }


def parse_since(text: str, *, now: datetime | None = None) -> datetime:
    """Return the time that ``2026-01-31``, ``2026-01-31T12:00`` or ``36h``, ``7d``, ``2w`` mean.

    Raises:
        InvalidOptionError: It is none of these.
    """
    now = datetime.now(UTC) if now is None else now
    try:
        if match := re.fullmatch(r"(\d+)([hdw])", text):
            return now - timedelta(**{_UNITS[match[2]]: int(match[1])})
        time = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        allowed = "a date such as 2026-01-31, or an age such as 36h, 7d or 2w"
        raise InvalidOptionError("since", text, allowed) from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)
