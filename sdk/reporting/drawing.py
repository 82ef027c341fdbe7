"""Small charts as SVG, through matplotlib: one look, and colours that follow the page."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from edgekit.errors import MissingDependencyError
from edgekit.reporting.colours import GRID, INK, SERIES, follow_page

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Canvas", "canvas", "draw_bars"]

# In inches of 72 points: about the width of a phone, so that letters stay readable on one.
_WIDTH, _HEIGHT = 4.6, 2.7
_BAR_HEIGHT = 0.26
_STYLE = {
    "font.size": 9,
    "font.family": "sans-serif",
    "svg.fonttype": "none",  # letters stay letters: small, selectable, readable aloud
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GRID,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.5,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
}


class Canvas:
    """One chart that is being drawn.

    Attributes:
        axes: Matplotlib's axes to draw on.
        svg: The finished element, empty until the ``with`` block has ended.
    """

    def __init__(self, axes: "Axes") -> None:
        self.axes = axes
        self.svg = ""

    @staticmethod
    def colour(number: int) -> str:
        """Return the colour of a series; they repeat after six."""
        return SERIES[number % len(SERIES)]

    def legend(self) -> None:
        """Name the series above the chart."""
        self.axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.2)


@contextmanager
def canvas(key: str, *, height: float = _HEIGHT) -> Iterator[Canvas]:
    """Give a canvas; its SVG is there after the block.

    Args:
        key: Unlike that of other charts of the page; it goes into names inside the SVG.
        height: In inches.

    Raises:
        MissingDependencyError: matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingDependencyError(
            "matplotlib", extra="report", purpose="drawing charts"
        ) from error
    with mpl.rc_context({**_STYLE, "svg.hashsalt": key}):
        figure = Figure(figsize=(_WIDTH, height))
        made = Canvas(figure.add_subplot())
        yield made
        buffer = io.StringIO()
        nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
        figure.savefig(buffer, format="svg", transparent=True, metadata=nothing)
    made.svg = follow_page(buffer.getvalue())


def draw_bars(
    key: str,
    names: Sequence[str],
    values: Sequence[float],
    label: str,
    errors: Sequence[tuple[float, float]] | None = None,
) -> str:
    """Return horizontal bars, the first on top.

    Args:
        key: See `canvas`.
        names: Beside the bars.
        values: Their lengths.
        label: What the lengths are, with the unit.
        errors: Lowest and highest plausible value of each.
    """
    with canvas(key, height=0.7 + _BAR_HEIGHT * len(names)) as made:
        axes, places = made.axes, range(len(names))
        axes.barh(places, values, color=made.colour(0), height=0.65)
        if errors is not None:
            for place, (low, high) in zip(places, errors, strict=True):
                axes.plot([low, high], [place, place], color=INK, linewidth=1.2)
        axes.set_yticks(list(places), [_short(name) for name in names])
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        axes.set_xlabel(label)
    return made.svg


def _short(name: str, most: int = 26) -> str:
    """Return a name that leaves room for its bar; the end of a path tells most."""
    return name if len(name) <= most else f"…{name[-(most - 1) :]}"
