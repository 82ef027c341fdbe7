"""Climb rung by rung, keep what gains, and stop at the first model within the budget."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from edgekit.converters.accuracy.bench import Bench
from edgekit.converters.accuracy.calibration_choice import CalibrationChoice
from edgekit.converters.accuracy.cost import Cost, cost_of
from edgekit.converters.accuracy.equalization import Equalization
from edgekit.converters.accuracy.islands import FloatIslands
from edgekit.converters.accuracy.judging import Judge, Verdict
from edgekit.converters.accuracy.rounding import LearnedRounding
from edgekit.converters.accuracy.rung import Outcome, Rung, RungReport, Step
from edgekit.converters.accuracy.widening import Int16Activations
from edgekit.converters.graph import read_graph
from edgekit.converters.quantize.recipe import Recipe
from edgekit.errors import MissingDependencyError

__all__ = ["RUNGS", "Climb", "climb"]

RUNGS: tuple[Rung, ...] = (
    CalibrationChoice(),
    Equalization(),
    LearnedRounding(),
    Int16Activations(),
    Int16Activations(most=1.0, name="int16 for any number"),
    FloatIslands(),
)
"""The rungs in order: from what costs nothing on the device to what costs most."""


@dataclass(frozen=True, slots=True)
class Climb:
    """Where a climb ended.

    Attributes:
        recipe: The best one.
        verdict: On its model.
        rungs: What was tried, in order; the first is the plain recipe.
        interrupted: Whether Ctrl-C ended it.
    """

    recipe: Recipe = field(repr=False)
    verdict: Verdict = field(repr=False)
    rungs: tuple[RungReport, ...]
    interrupted: bool

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        return {
            "schema_version": 1,
            "provenance": {"metric": "measured", "cost": "counted", "seconds": "measured"},
            "holds": self.verdict.holds,
            "interrupted": self.interrupted,
            "rungs": [asdict(item) for item in self.rungs],
        }


def climb(
    recipe: Recipe,
    bench: Bench,
    judge: Judge,
    *,
    rungs: Sequence[Rung] = RUNGS,
    first: Verdict | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Climb:
    """Change a recipe until its model is within the budget, or no rung is left.

    Every rung starts from the best recipe so far. Its change stays if the model is within the
    budget, or if the SQNR of its worst output is higher and its metric not below that of the
    plain model. So the end is never worse than the beginning. Ctrl-C ends the climb with the
    best so far.

    Args:
        recipe: The plain recipe.
        bench: Calibration samples.
        judge: Holds models against contract and budget.
        rungs: What to try, in order.
        first: On the plain recipe's model, where it is known.
        tell: Called with the name of each rung that begins.
    """
    started = time.perf_counter()
    start = best = first or judge.judge(recipe.make(), recipe.request)
    plain = _Told("plain", "the recipe without any rung", (), started)
    reports = [plain.report(Outcome.KEPT, best)]
    interrupted = False
    for rung in rungs:
        if best.holds or interrupted:
            break
        started = time.perf_counter()
        try:
            tell(rung.name)
            step = rung.apply(recipe, bench)
            report, verdict = _try(rung, step, recipe, judge, (start, best), started)
        except MissingDependencyError as error:
            missing = _Told(rung.name, f"{error.message}: {error.hint}", (), started)
            reports.append(missing.report(Outcome.NOT_APPLICABLE))
            continue
        except KeyboardInterrupt:
            interrupted = True
            break
        interrupted = step.interrupted
        reports.append(report)
        if verdict is not None and report.outcome is Outcome.KEPT:
            recipe, best = step.recipe, verdict
    return Climb(recipe, best, tuple(reports), interrupted)


def _try(
    rung: Rung,
    step: Step,
    recipe: Recipe,
    judge: Judge,
    before: tuple[Verdict, Verdict],
    started: float,
) -> tuple[RungReport, Verdict | None]:
    """Judge what a rung made, after the plain model and the best; no verdict without a model."""
    told = _Told(rung.name, step.remark, step.layers, started)
    if step.recipe is recipe:
        return told.report(Outcome.NOT_APPLICABLE), None
    tflite = step.recipe.make()
    plain, best = before
    refusal = judge.refusal(tflite, step.recipe.request, best)
    if refusal:
        told = replace(told, remark=f"{step.remark}, but {refusal}")
        return told.report(Outcome.REFUSED, cost=cost_of(read_graph(tflite))), None
    verdict = judge.judge(tflite, step.recipe.request)
    better = verdict.score(plain) > best.score(plain)
    return told.report(Outcome.KEPT if better else Outcome.NO_GAIN, verdict), verdict


@dataclass(frozen=True, slots=True)
class _Told:
    """What is known of a rung before it is judged."""

    name: str
    remark: str
    layers: tuple[str, ...]
    started: float

    def report(
        self, outcome: Outcome, verdict: Verdict | None = None, cost: Cost | None = None
    ) -> RungReport:
        metric = verdict.parity.metric if verdict else None
        finite = verdict is not None and verdict.sqnr_db < math.inf
        return RungReport(
            name=self.name,
            outcome=outcome,
            remark=self.remark,
            layers=self.layers,
            metric=metric.final_model if metric else None,
            drop=metric.drop if metric else None,
            sqnr_db=verdict.sqnr_db if verdict and finite else None,
            holds=verdict is not None and verdict.holds,
            cost=cost_of(verdict.graph) if verdict else cost,
            seconds=time.perf_counter() - self.started,
        )
