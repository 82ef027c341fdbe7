"""What became of families, one row each, and the versions that it was measured with."""

import json
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

__all__ = ["EQUAL_DB", "Record", "Row", "versions"]

EQUAL_DB = 300.0  # stands for infinity, which JSON does not have
_PACKAGES = {
    "edgekit": ("torch", "transformers", "onnx", "onnxscript", "ai-edge-litert", "numpy"),
    "onnx2tf": ("onnx2tf", "tensorflow", "onnxsim", "torch", "transformers", "onnx"),
    "litert-torch": ("litert-torch", "litert-quantizer", "ai-edge-litert", "torch", "transformers"),
}


@dataclass(slots=True)
class Row:
    """What became of one family; every figure is measured.

    Attributes:
        family: Its name.
        engine: What converted it.
        source: ``onnx`` or ``torch``: what the engine was given.
        operators: TFLite operators of the integer model.
        transposes: How many of them are TRANSPOSE.
        transposed: The source nodes before those.
        float_sqnr_db: Float TFLite against torch, the worst output.
        int8_sqnr_db: Integer TFLite against torch with LiteRT's default kernels.
        builtin_sqnr_db: The same with its built-in kernels, without the default delegate.
        reference_sqnr_db: The same with its reference kernels.
        violations: How many places break the contract.
        islands: What stayed in float, and the source node that it came from.
        seconds: Processor time of the whole conversion, imports and child processes included.
        model_mb: Size of the integer model.
        peak_rss_mb: Peak resident memory of the converting process (or its largest child).
        error: What went wrong, empty where nothing did.
    """

    family: str
    engine: str
    source: str
    operators: int | None = None
    transposes: int | None = None
    transposed: list[str] = field(default_factory=list)
    float_sqnr_db: float | None = None
    int8_sqnr_db: float | None = None
    builtin_sqnr_db: float | None = None
    reference_sqnr_db: float | None = None
    violations: int | None = None
    islands: list[str] = field(default_factory=list)
    seconds: float | None = None
    model_mb: float | None = None
    peak_rss_mb: float | None = None
    error: str = ""
    provenance: str = "measured"


@dataclass(slots=True)
class Record:
    """The rows of a run.

    Attributes:
        engine: What converted.
        source: ``onnx`` or ``torch``.
        calibration: How ranges were chosen.
        versions: Of the packages that decide, by name.
        rows: One for each family.
    """

    engine: str
    source: str
    calibration: str
    versions: dict[str, str]
    rows: list[Row] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """Write a line for each row, so that a change of one is a change of one line."""
        head = {name: value for name, value in asdict(self).items() if name != "rows"}
        lines = ",\n".join(json.dumps(_said(row)) for row in self.rows)
        path.write_text(f'{json.dumps(head)[:-1]}, "rows": [\n{lines}\n]}}\n')

    @classmethod
    def read(cls, path: Path) -> "Record":
        """Read what :meth:`write` wrote."""
        content = json.loads(path.read_text())
        return cls(**{**content, "rows": [Row(**row) for row in content["rows"]]})

    def row(self, family: str) -> Row | None:
        """Return a family's row, None where it was not run."""
        return next((row for row in self.rows if row.family == family), None)


def versions(engine: str) -> dict[str, str]:
    """Return the installed versions of the packages that decide what an engine makes."""
    return {name: metadata.version(name) for name in _PACKAGES[engine]}


def _said(row: Row) -> dict[str, Any]:
    """Leave out what says nothing."""
    return {name: value for name, value in asdict(row).items() if value not in ("", [], None)}
