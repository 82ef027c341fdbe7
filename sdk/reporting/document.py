"""The nouns of a report: sections of prose, tables and charts, before anybody chose a format."""

from dataclasses import dataclass

from edgekit.benchmarks import Measurement

__all__ = ["Block", "Chart", "Figure", "Prose", "Report", "Section", "Table"]


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph.

    Attributes:
        text: Plain text.
        is_warning: Whether it speaks against what the report says.
        is_code: Whether it is a command line, to be copied as it is.
    """

    text: str
    is_warning: bool = False
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text.

    Attributes:
        title: What it lists.
        columns: Their headings.
        rows: As many texts as there are columns.
        numeric: Headings of columns that hold numbers.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture, with what it shows in words and as numbers.

    Attributes:
        title: What is drawn.
        alternative: What it shows, for those who don't see it.
        svg: An ``<svg>`` element whose colours are variables of the page.
        data: The numbers that were drawn.
    """

    title: str
    alternative: str
    svg: str
    data: Table


Block = Prose | Table | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report.

    Attributes:
        key: A name for links, in small letters.
        title: Its heading.
        blocks: What is in it, in order.
    """

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the report.

    Attributes:
        subject: What it is about.
        name: What it is.
        measurement: The number, with its provenance.
    """

    subject: str
    name: str
    measurement: Measurement


@dataclass(frozen=True, slots=True)
class Report:
    """All of a report.

    Attributes:
        title: Its heading.
        made_at: Date and time in UTC, ISO 8601.
        version: Of edgekit.
        sections: In order.
        figures: Every number that was measured, emulated or estimated.
    """

    title: str
    made_at: str
    version: str
    sections: tuple[Section, ...]
    figures: tuple[Figure, ...]
