"""A report as one HTML file that needs nothing else: no network, no script, light and dark."""

from importlib.resources import files

from edgekit.errors import MissingDependencyError
from edgekit.reporting.document import Report

__all__ = ["to_html"]


def to_html(report: Report) -> str:
    """Return a report as a page.

    Raises:
        MissingDependencyError: jinja2 is not installed.
    """
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError as error:
        raise MissingDependencyError(
            "jinja2", extra="report", purpose="writing a report as HTML"
        ) from error
    here = files("edgekit.reporting")
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    page = environment.from_string((here / "page.html.j2").read_text(encoding="utf-8"))
    style = (here / "page.css").read_text(encoding="utf-8")
    return page.render(report=report, style=style) + "\n"
