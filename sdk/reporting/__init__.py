"""Reports: what was measured and proved, as one page, as Markdown or as CSV."""

from edgekit.reporting.csv_file import to_csv
from edgekit.reporting.document import Chart, Figure, Prose, Report, Section, Table
from edgekit.reporting.evidence import Evidence
from edgekit.reporting.html import to_html
from edgekit.reporting.making import make_report
from edgekit.reporting.markdown import to_markdown

__all__ = [
    "Chart",
    "Evidence",
    "Figure",
    "Prose",
    "Report",
    "Section",
    "Table",
    "make_report",
    "to_csv",
    "to_html",
    "to_markdown",
]
