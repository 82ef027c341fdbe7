"""Examine a source, and settle what became of each finding."""

from collections.abc import Sequence

from edgekit.converters.compression.outcome import Outcome
from edgekit.converters.compression.registry import examiners, judge_of
from edgekit.converters.compression.weights import examined
from edgekit.converters.finding import CompressionFinding, Fate, SettledFinding
from edgekit.converters.sources.base import SourceModel
from edgekit.errors import EdgekitError

__all__ = ["CompressionLostError", "examine", "require_fates", "settle"]


class CompressionLostError(EdgekitError):
    """Something that training paid for did not reach the final model."""

    def __init__(self, worse: Sequence[SettledFinding], required: Fate) -> None:
        first, *others = worse
        more = f", and {len(others)} more" if others else ""
        super().__init__(
            f"'{first.finding.tensor}' ({first.finding.kind}) is {first.fate}, "
            f"and --require {required} was given{more}",
            details=[f"{item.finding.tensor}: {item.fate}: {item.proof}" for item in worse],
            hint="build without --require and read the report's findings, or choose a scheme and "
            "devices that can hold them",
        )
        self.worse = tuple(worse)


def examine(source: SourceModel) -> tuple[CompressionFinding, ...]:
    """Return what compression left in a source: found while it was opened, and in its weights.

    Args:
        source: The source.
    """
    given = examined(source)
    found = [finding for examiner in examiners() for finding in examiner(given)]
    return (*source.findings, *found)


def settle(findings: Sequence[CompressionFinding], outcome: Outcome) -> tuple[SettledFinding, ...]:
    """Say what became of each finding.

    Args:
        findings: Of the source.
        outcome: The conversion.
    """
    return tuple(judge_of(finding.kind)(finding, outcome) for finding in findings)


def require_fates(settled: Sequence[SettledFinding], required: Fate | None) -> None:
    """Refuse what ended worse than is required; merged is as good as kept.

    Raises:
        CompressionLostError: With every finding that did.
    """
    if required is None:
        return
    worse = [item for item in settled if item.fate.loss > required.loss]
    if worse:
        raise CompressionLostError(worse, required)
