"""Climb the accuracy ladder where the plain model misses its budget."""

from collections.abc import Callable

from edgekit.converters.accuracy import Bench, Climb, Judge, RungReport, climb
from edgekit.converters.engines import QuantizationRequest
from edgekit.converters.engines.own_engine import plain_recipe
from edgekit.converters.parity import ParityError, ParityReport, parity_failures

__all__ = ["BudgetError", "climb_to_budget"]


class BudgetError(ParityError):
    """No rung of the ladder leads to a model within the budget, or Ctrl-C ended the climb."""

    def __init__(self, failures: list[str], climbed: Climb) -> None:
        super().__init__(failures, climbed.verdict.parity)
        self.details = (*map(_line, climbed.rungs), *self.details)
        if climbed.interrupted:
            self.hint = (
                "the climb was interrupted: the same command goes on where it was, and with a "
                "lower bar (--max-drop, --min-sqnr, --min-cosine) it ends with the best so far"
            )
        self.climb = climbed


def climb_to_budget(
    judge: Judge,
    bench: Bench,
    request: QuantizationRequest,
    plain: tuple[bytes, ParityReport],
    tell: Callable[[str], None],
) -> Climb:
    """Return a climb that ended within the budget.

    Args:
        judge: Holds models against contract and budget.
        bench: Calibration samples.
        request: What integers are asked for.
        plain: The model without any rung, and its parity.
        tell: Called with the name of each rung that begins.

    Raises:
        BudgetError: No model within the budget was found.
    """
    recipe = plain_recipe(judge.lowered, request, bench.samples)
    first = judge.verdict(plain[0], request, plain[1])
    climbed = climb(recipe, bench, judge, first=first, tell=tell)
    if not climbed.verdict.holds:
        failures = parity_failures(climbed.verdict.parity, judge.thresholds)
        raise BudgetError(failures, climbed)
    return climbed


def _line(rung: RungReport) -> str:
    """Return a rung in one line."""
    metric = "" if rung.metric is None else f"{rung.metric:.2f} %, "
    noise = "" if rung.sqnr_db is None else f"{rung.sqnr_db:.1f} dB, "
    return f"{rung.name}: {metric}{noise}{rung.outcome} ({rung.remark})"
