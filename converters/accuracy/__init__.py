"""The accuracy budget: a ladder of recipes that ends at the first model within it."""

from edgekit.converters.accuracy.bench import Bench
from edgekit.converters.accuracy.calibration_choice import CalibrationChoice
from edgekit.converters.accuracy.equalization import Equalization
from edgekit.converters.accuracy.islands import FloatIslands
from edgekit.converters.accuracy.judging import Judge, Verdict
from edgekit.converters.accuracy.ladder import RUNGS, Climb, climb
from edgekit.converters.accuracy.rounding import LearnedRounding
from edgekit.converters.accuracy.rung import Outcome, Rung, RungReport, Step
from edgekit.converters.accuracy.widening import Int16Activations

__all__ = [
    "RUNGS",
    "Bench",
    "CalibrationChoice",
    "Climb",
    "Equalization",
    "FloatIslands",
    "Int16Activations",
    "Judge",
    "LearnedRounding",
    "Outcome",
    "Rung",
    "RungReport",
    "Step",
    "Verdict",
    "climb",
]
