"""How a case of the standard ended: in float, in int8, and under older opsets."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

__all__ = ["Integer", "IntegerStatus", "Outcome", "Record", "Status", "Trial"]


class Status(StrEnum):
    """How a case ended."""

    PASSED = "passed"
    PASSED_CONSTANT = "passed with constant input"
    REFUSED = "refused"
    NOT_APPLICABLE = "not applicable"
    WRONG = "WRONG"

    @property
    def is_pass(self) -> bool:
        """Whether the expected values came out."""
        return self in (Status.PASSED, Status.PASSED_CONSTANT)


class IntegerStatus(StrEnum):
    """How the int8 model of a case that passed in float ended."""

    FULL = "full integer"
    ISLANDS = "float islands"
    REFUSED = "refused in int8"  # by name, or by the contract
    IMPRECISE = "IMPRECISE"  # further off than the roundings explain
    FAILED = "FAILED"  # crashed while it was made, or does not run
    NO_FLOATS = "no floats"  # nothing to quantize


@dataclass(frozen=True, slots=True)
class Integer:
    """The int8 model of a case.

    Attributes:
        status: How it ended.
        islands: TFLite operators that compute in float.
        sqnr_db: Of the float outputs together; None where there are none or they are exact.
        reason: Why it is refused or failed, or what is off.
    """

    status: IntegerStatus
    islands: tuple[str, ...] = ()
    sqnr_db: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """A case whose model was declared under an older opset.

    Attributes:
        opset: The opset.
        status: How it ended against onnxruntime under that opset.
        reason: Why it was refused or is wrong.
    """

    opset: int
    status: Status
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case ended and why.

    Attributes:
        case: Its name in the standard.
        operator: What it tests.
        opset: The version of the operator that it tests.
        status: How it ended.
        reason: Why it was refused, does not apply, or is wrong.
        frozen: Positions of the inputs that were made constants.
        kinds: TFLite operators that were written, in alphabetical order.
        transposes: How many of them are TRANSPOSE.
        int8: What came of it in int8, where it passed.
        older: What came of it under older opsets, where it passed.
    """

    case: str
    operator: str
    opset: int
    status: Status
    reason: str = ""
    frozen: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    transposes: int = 0
    int8: Integer | None = None
    older: tuple[Trial, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """All outcomes of a run.

    Attributes:
        engine: What lowered.
        versions: Of the packages that decide, by name.
        sample: How many cases were drawn, with which seed; None when all were run.
        outcomes: In the standard's order.
    """

    engine: str
    versions: dict[str, str]
    sample: dict[str, int] | None
    outcomes: tuple[Outcome, ...] = field(repr=False)

    def write(self, path: Path) -> None:
        """Write a line for each outcome, so that a change of one is a change of one line."""
        head = {"engine": self.engine, "versions": self.versions, "sample": self.sample}
        lines = ",\n".join(json.dumps(_said(asdict(item))) for item in self.outcomes)
        path.write_text(f'{json.dumps(head)[:-1]}, "outcomes": [\n{lines}\n]}}\n')

    @classmethod
    def read(cls, path: Path) -> "Record":
        """Read what :meth:`write` wrote."""
        content = json.loads(path.read_text())
        return cls(**{**content, "outcomes": tuple(map(_outcome, content["outcomes"]))})

    def only(self, cases: Sequence[str]) -> "Record":
        """Return the outcomes of some cases."""
        wanted = set(cases)
        return replace(self, outcomes=tuple(o for o in self.outcomes if o.case in wanted))


def _said(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what says nothing."""
    kept = {name: value for name, value in values.items() if value not in ("", (), None, 0)}
    if kept.get("int8"):
        kept["int8"] = _said(kept["int8"])
    if kept.get("older"):
        kept["older"] = [_said(item) for item in kept["older"]]
    return kept


def _outcome(values: dict[str, Any]) -> Outcome:
    int8 = values.get("int8")
    return Outcome(
        **{
            **values,
            "status": Status(values["status"]),
            "frozen": tuple(values.get("frozen", ())),
            "kinds": tuple(values.get("kinds", ())),
            "int8": int8 and _integer(int8),
            "older": tuple(_trial(item) for item in values.get("older", ())),
        }
    )


def _integer(values: dict[str, Any]) -> Integer:
    islands = tuple(values.get("islands", ()))
    return Integer(**{**values, "status": IntegerStatus(values["status"]), "islands": islands})


def _trial(values: dict[str, Any]) -> Trial:
    return Trial(**{**values, "status": Status(values["status"])})
