"""Provenance: where every number comes from."""

from collections.abc import Sequence

from edgekit.reporting.document import Figure, Prose, Section, Table
from edgekit.reporting.numbers import measurement_row
from edgekit.reporting.subject import Subject

__all__ = ["figures_of", "provenance"]

_COLUMNS = ("model", "figure", "value", "interval", "provenance", "how")


def figures_of(subjects: Sequence[Subject]) -> tuple[Figure, ...]:
    """Return every figure of every result."""
    return tuple(
        Figure(subject.name, name, measurement)
        for subject in subjects
        if subject.result
        for name, measurement in subject.result.measurements().items()
    )


def provenance(subjects: Sequence[Subject]) -> Section:
    """Return all figures with their provenance and method."""
    rows = tuple(
        (figure.subject, *measurement_row(figure.name, figure.measurement))
        for figure in figures_of(subjects)
    )
    text = (
        "Measured: observed on the device itself. Emulated: counted on an emulation of it. "
        "Estimated: computed by a model of the device, within the interval. Figures of bundles "
        "(parity, operators, memory) say the same beside them."
    )
    tables = (Table("Every figure", _COLUMNS, rows, frozenset(("value", "interval"))),)
    return Section("provenance", "Provenance", (Prose(text), *(tables if rows else ())))
