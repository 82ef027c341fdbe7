"""What must be equal for two results to be compared, and what differs."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from edgekit.benchmarks.result import BenchmarkResult
from edgekit.errors import EdgekitError

__all__ = ["Difference", "MetadataMismatchError", "check_comparable", "differences"]

# Of the options; how many windows there were moves no latency, and the seed is in the inputs.
_OPTIONS = ("window_seconds", "warmup_seconds")
_OWN = ("target", "provenance", "inputs")


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that two results should have alike.

    Attributes:
        name: For example ``environment.governor``.
        first: Its value in the first result.
        second: Its value in the second.
    """

    name: str
    first: Any
    second: Any

    def __str__(self) -> str:
        return f"{self.name}: {self.first!r} and {self.second!r}"


class MetadataMismatchError(EdgekitError):
    """Results that were not made alike, with every field that differs."""

    def __init__(self, found: Sequence[Difference]) -> None:
        count = f"{len(found)} field{'s' * (len(found) > 1)}"
        super().__init__(
            f"the results were not made alike: they differ in {count}",
            details=[str(difference) for difference in found],
            hint="measure both alike, or compare them all the same with --force (force=True)",
        )
        self.differences = tuple(found)


def differences(first: BenchmarkResult, second: BenchmarkResult) -> tuple[Difference, ...]:
    """Return the fields that should be alike and are not; the model may be another."""
    return tuple(
        Difference(name, one, other)
        for (name, one), (_, other) in zip(_fields(first), _fields(second), strict=True)
        if one != other
    )


def check_comparable(first: BenchmarkResult, second: BenchmarkResult) -> None:
    """Refuse results that were not made alike.

    Raises:
        MetadataMismatchError: A field differs; lists each with both values.
    """
    found = differences(first, second)
    if found:
        raise MetadataMismatchError(found)


def _fields(result: BenchmarkResult) -> Iterator[tuple[str, Any]]:
    for name in _OWN:
        yield name, str(getattr(result, name))
    for name in _OPTIONS:
        yield f"options.{name}", getattr(result.options, name)
    for name, value in asdict(result.environment).items():
        yield f"environment.{name}", value
