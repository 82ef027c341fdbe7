"""Summary: one row a subject, and what speaks against the numbers."""

from collections.abc import Sequence

from edgekit.bundle_evidence import read_parity
from edgekit.reporting.document import Block, Prose, Section, Table
from edgekit.reporting.numbers import number, pair
from edgekit.reporting.subject import Subject

__all__ = ["summary"]

_NUMERIC = frozenset(("median latency", "interval", "energy", "model size"))


def summary(subjects: Sequence[Subject]) -> Section | None:
    """Return what a reader wants to know first; None without results and bundles."""
    if not subjects:
        return None
    columns = ("model", "where", "median latency", "interval", "energy", "model size", "quality")
    rows = tuple(
        (subject.name, *_latency(subject), _energy(subject), _size(subject), _quality(subject))
        for subject in subjects
    )
    blocks: list[Block] = [_without_empty_columns(columns, rows)]
    for subject in subjects:
        if subject.result:
            blocks += [
                Prose(f"{subject.name} is unstable: {reason}.", is_warning=True)
                for reason in subject.result.unstable_reasons
            ]
    return Section("summary", "Summary", tuple(blocks))


def _without_empty_columns(columns: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Table:
    """Return a table of what at least one subject has."""
    kept = [place for place in range(len(columns)) if any(row[place] for row in rows)]
    return Table(
        "One row a model",
        tuple(columns[place] for place in kept),
        tuple(tuple(row[place] for place in kept) for row in rows),
        _NUMERIC & {columns[place] for place in kept},
    )


def _latency(subject: Subject) -> tuple[str, str, str]:
    result = subject.result
    if result is None:
        return "not measured", "", ""
    latency = result.latency
    value = f"{number(latency.value)} {latency.unit} ({latency.provenance})"
    return result.target, value, pair(*latency.interval) if latency.interval else ""


def _energy(subject: Subject) -> str:
    """Return the energy of one inference, empty where no meter was there."""
    found = subject.result.measurements().get("energy") if subject.result else None
    return f"{number(found.value)} {found.unit} ({found.provenance})" if found else ""


def _size(subject: Subject) -> str:
    return f"{len(subject.view.bundle.model):,} bytes" if subject.view else ""


def _quality(subject: Subject) -> str:
    """Return how good the model is, as its bundle proves it."""
    parity = read_parity(subject.view.bundle) if subject.view else None
    if parity is None:
        return ""
    if parity.metric:
        metric = parity.metric
        return f"{metric.name} {metric.final_model:.2f} %, source {metric.source:.2f} % (measured)"
    worst = min(output.final_model.decibels for output in parity.outputs)
    return f"SQNR {worst:.1f} dB (measured)"
