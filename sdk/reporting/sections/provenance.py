"""Provenance: where every number comes from."""

from collections.abc import Iterator, Sequence

from edgekit.reporting.document import Figure, Prose, Section, Table
from edgekit.reporting.evidence import Evidence
from edgekit.reporting.numbers import measurement_row
from edgekit.reporting.subject import Subject

__all__ = ["figures_of", "provenance"]

_COLUMNS = ("model", "figure", "value", "interval", "provenance", "how")


def figures_of(subjects: Sequence[Subject], evidence: Evidence) -> tuple[Figure, ...]:
    """Return every figure of every result, table, profile and comparison."""
    return (*_results(subjects), *_others(evidence))


def _results(subjects: Sequence[Subject]) -> Iterator[Figure]:
    for subject in subjects:
        if subject.result:
            for name, measurement in subject.result.measurements().items():
                yield Figure(subject.name, name, measurement)


def _others(evidence: Evidence) -> Iterator[Figure]:
    for comparison in evidence.comparisons:
        name = f"{comparison.second.source} over {comparison.first.source}"
        yield Figure(name, "ratio", comparison.ratio)
    for table in evidence.tables:
        for row in table.rows:
            latency = table.latency(row)
            if latency is not None:
                yield Figure(table.model, f"latency by {row.engine}", latency)
    for profile in evidence.profiles:
        yield Figure(profile.model, "whole model", profile.whole)
        for operator in profile.operators:
            time = operator.time(seed=profile.options.seed)
            yield Figure(profile.model, f"operator {operator.index} {operator.kind}", time)
    for emulation in evidence.emulations:
        for name, measurement in emulation.measurements().items():
            yield Figure(f"{emulation.model} on {emulation.device}", name, measurement)


def provenance(figures: Sequence[Figure]) -> Section:
    """Return all figures with their provenance and method."""
    rows = tuple(
        (figure.subject, *measurement_row(figure.name, figure.measurement)) for figure in figures
    )
    text = (
        "Measured: observed on the device itself. Emulated: counted on an emulation of it. "
        "Estimated: computed by a model of the device, within the interval. Figures of bundles "
        "(parity, operators, memory) say the same beside them."
    )
    tables = (Table("Every figure", _COLUMNS, rows, frozenset(("value", "interval"))),)
    return Section("provenance", "Provenance", (Prose(text), *(tables if rows else ())))
