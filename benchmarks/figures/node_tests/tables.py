"""Print how the cases of each operator ended."""

from collections import Counter
from collections.abc import Iterable, Sequence

from node_tests.outcome import IntegerStatus, Outcome, Status

__all__ = ["print_tables"]

_SHORT = {
    Status.PASSED: "passed",
    Status.PASSED_CONSTANT: "constant",
    Status.REFUSED: "refused",
    Status.NOT_APPLICABLE: "n/a",
    Status.WRONG: "WRONG",
    IntegerStatus.FULL: "int8",
    IntegerStatus.ISLANDS: "islands",
    IntegerStatus.REFUSED: "no int8",
    IntegerStatus.IMPRECISE: "IMPRECISE",
    IntegerStatus.FAILED: "FAILED",
    IntegerStatus.NO_FLOATS: "no floats",
}


def print_tables(outcomes: Sequence[Outcome]) -> None:
    """Print how many cases of each operator ended how, and the totals."""
    by_operator: dict[str, Counter[Status | IntegerStatus]] = {}
    for outcome in outcomes:
        by_operator.setdefault(outcome.operator, Counter()).update(_endings(outcome))
    print(f"{'operator':28}" + "".join(f"{title:>10}" for title in _SHORT.values()))
    for operator, counts in sorted(by_operator.items()):
        print(f"{operator:28}" + "".join(f"{counts[key] or '':>10}" for key in _SHORT))
    totals = Counter(ending for outcome in outcomes for ending in _endings(outcome))
    print(f"{'all':28}" + "".join(f"{totals[key]:>10}" for key in _SHORT))
    older = Counter(trial.status for outcome in outcomes for trial in outcome.older)
    if older:
        print("under older opsets: " + ", ".join(f"{count} {key}" for key, count in older.items()))


def _endings(outcome: Outcome) -> Iterable[Status | IntegerStatus]:
    yield outcome.status
    if outcome.int8:
        yield outcome.int8.status
