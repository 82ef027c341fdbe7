"""The figures of a report as CSV: one row a number, with unit, provenance and method."""

import csv
import io

from edgekit.reporting.document import Report

__all__ = ["to_csv"]

_COLUMNS = ("subject", "figure", "value", "unit", "low", "high", "provenance", "method")


def to_csv(report: Report) -> str:
    """Return every figure; values in full precision."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for figure in report.figures:
        found = figure.measurement
        low, high = found.interval or ("", "")
        writer.writerow(
            (
                figure.subject,
                figure.name,
                found.value,
                found.unit,
                low,
                high,
                str(found.provenance),
                found.method,
            )
        )
    return stream.getvalue()
