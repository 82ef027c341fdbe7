"""A report as Markdown, with what charts show in words and numbers."""

from edgekit.reporting.document import Block, Chart, Prose, Report, Table

__all__ = ["to_markdown"]

_SPECIAL = str.maketrans({"|": r"\|", "\n": " ", "\\": r"\\", "<": "&lt;", "`": r"\`", "*": r"\*"})


def to_markdown(report: Report) -> str:
    """Return a report as GitHub's Markdown."""
    parts = [
        f"# {_escaped(report.title)}",
        f"Made by edgekit {report.version} at {report.made_at}.",
    ]
    for section in report.sections:
        parts.append(f"## {section.title}")
        parts += [_block(block) for block in section.blocks]
    return "\n\n".join(parts) + "\n"


def _block(block: Block) -> str:
    match block:
        case Chart():
            title, text = _escaped(block.title), _escaped(block.alternative)
            return f"### {title}\n\n{text}\n\n{_table(block.data)}"
        case Table():
            return f"{_escaped(block.title)}:\n\n{_table(block)}"
        case Prose(is_code=True):
            return f"    {block.text}"
        case Prose():
            text = _escaped(block.text)
            return f"> **{text}**" if block.is_warning else text


def _table(table: Table) -> str:
    rules = ("---:" if column in table.numeric else "---" for column in table.columns)
    rows = [table.columns, tuple(rules), *table.rows]
    escaped = [rows[0], rows[1], *(tuple(map(_escaped, row)) for row in rows[2:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in escaped)


def _escaped(text: str) -> str:
    return text.translate(_SPECIAL)
