"""The errors of calibration and evaluation data: which input, which sample, what to do."""

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path

from edgekit.errors import EdgekitError

__all__ = [
    "BadValueError",
    "CalibrationError",
    "DeclarationError",
    "DtypeMismatchError",
    "InputNamesError",
    "LabelError",
    "NoSamplesError",
    "SampleCountError",
    "ScriptError",
    "SelectorError",
    "ShapeMismatchError",
]

_HOW_TO_GIVE = (
    "give some with --calibration-data samples.npz, a .npy, a folder of pictures, or a .py file "
    "that defines get_calibration_data(); end it with a slice such as [:100] for the first 100"
)


class CalibrationError(EdgekitError):
    """Base of what can be wrong with calibration or evaluation data."""


class NoSamplesError(CalibrationError):
    """There is not a single sample."""

    def __init__(self, where: str | None = None) -> None:
        super().__init__(
            f"no calibration data: {where} holds no samples" if where else "no calibration data",
            hint=_HOW_TO_GIVE,
        )
        self.where = where


class InputNamesError(CalibrationError):
    """The names in the data are not the names of the model's inputs."""

    def __init__(self, where: str, given: Iterable[str], inputs: Sequence[str]) -> None:
        names = [name for name in given if name]  # the array of a .npy has none
        unknown = [name for name in names if name not in inputs]
        missing = [name for name in inputs if name not in names]
        details = []
        for name in unknown:
            near = difflib.get_close_matches(name, missing or inputs, n=1, cutoff=0.4)
            details.append(f"unknown: '{name}'" + (f" (did you mean '{near[0]}'?)" if near else ""))
        details += [f"missing: '{name}'" for name in missing]
        super().__init__(
            f"the names in {where} are not those of the model's inputs",
            hint=f"the inputs are: {', '.join(inputs)}",
            details=details,
        )
        self.unknown = tuple(unknown)
        self.missing = tuple(missing)


class ShapeMismatchError(CalibrationError):
    """Samples of another shape than the input takes."""

    def __init__(
        self, input_name: str, given: tuple[int, ...], expected: Sequence[str], *, hint: str
    ) -> None:
        super().__init__(
            f"input '{input_name}': the data have shape {given}, expected {' or '.join(expected)}",
            hint=hint,
        )
        self.input_name = input_name
        self.given = given


class DtypeMismatchError(CalibrationError):
    """Samples of a type that cannot become the input's type without a decision."""

    def __init__(self, input_name: str, given: str, expected: str, *, hint: str) -> None:
        super().__init__(
            f"input '{input_name}' takes {expected}, the data are {given}",
            hint=hint,
        )
        self.input_name = input_name
        self.given = given
        self.expected = expected


class BadValueError(CalibrationError):
    """A value that the input cannot take: NaN, infinity, a negative token id."""

    def __init__(self, input_name: str, origin: str, problem: str, *, hint: str) -> None:
        super().__init__(f"input '{input_name}', {origin}: {problem}", hint=hint)
        self.input_name = input_name
        self.origin = origin


class SampleCountError(CalibrationError):
    """Inputs, or samples and labels, that are not equally many."""

    def __init__(self, where: str, counts: dict[str, int]) -> None:
        super().__init__(
            f"{where}: the numbers of samples differ: "
            + ", ".join(f"{name} has {count}" for name, count in counts.items()),
            hint="every input (and the labels) needs one entry a sample; a slice such as [:100] "
            "goes on both --calibration-data and --labels",
        )
        self.counts = counts


class DeclarationError(CalibrationError):
    """A declared layout or normalisation that does not fit the input."""

    def __init__(self, input_name: str, problem: str, *, hint: str) -> None:
        super().__init__(f"input '{input_name}': {problem}", hint=hint)
        self.input_name = input_name


class SelectorError(CalibrationError):
    """A slice suffix that cannot be read."""

    def __init__(self, source: str, suffix: str) -> None:
        super().__init__(
            f"cannot read the slice {suffix} of {source}",
            hint="write a Python slice: [:100] first 100 samples, [100:] all after them, "
            "[::10] every tenth",
        )
        self.suffix = suffix


class ScriptError(CalibrationError):
    """The user's Python file failed, or gave something that is not samples."""

    def __init__(
        self, path: Path, problem: str, *, line: int | None = None, hint: str | None = None
    ) -> None:
        super().__init__(
            f"{path}{f', line {line}' if line else ''}: {problem}",
            hint=hint or "run the file by itself to see more: python " + path.name,
        )
        self.path = path
        self.line = line


class LabelError(CalibrationError):
    """Labels that are not one class a sample."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(
            f"labels in {where}: {problem}",
            hint="labels are one class index a sample: a .npz with key y, a .npy, or a .csv/.txt "
            "with one integer (or class name) a line",
        )
