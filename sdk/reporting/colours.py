"""Colours of charts that follow the page, light or dark: matplotlib draws with placeholders."""

import re

__all__ = ["GRID", "INK", "SERIES", "follow_page"]

# Colours that no chart would choose; the page's style sheet says what they look like.
INK, GRID = "#00f001", "#00f002"
SERIES = ("#00f011", "#00f012", "#00f013", "#00f014", "#00f015", "#00f016")
_VARIABLES = {
    INK: "var(--ink)",
    GRID: "var(--rule)",
    **{colour: f"var(--series-{number})" for number, colour in enumerate(SERIES, 1)},
}
_ID = re.compile(r'\sid="([^"]*)"')
_REFERENCE = re.compile(r'(?:url\(#|href="#)([^)"]+)')


def follow_page(svg: str) -> str:
    """Return an SVG file of matplotlib's as an element of a page.

    Placeholders become variables of the style sheet, so that the chart changes with the page.
    Names that nothing refers to go: several charts on a page would have the same ones.
    """
    element = svg[svg.index("<svg") :].strip()
    referred = set(_REFERENCE.findall(element))
    element = _ID.sub(lambda found: found[0] if found[1] in referred else "", element)
    for colour, variable in _VARIABLES.items():
        element = element.replace(colour, variable)
    return element
