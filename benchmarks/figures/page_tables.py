"""Write tables into a page between two marks."""

from collections.abc import Sequence

__all__ = ["with_tables"]


def with_tables(page: str, name: str, lines: Sequence[str]) -> str:
    """Return a page with lines between the marks of that name, in place of what was there."""
    begin, end = (f"<!-- {name}: {edge} -->\n" for edge in ("begin", "end"))
    before, found, rest = page.partition(begin)
    _, ended, after = rest.partition(end)
    if not found or not ended:
        raise SystemExit(f"the page has no lines {begin.strip()} and {end.strip()}")
    return before + begin + "\n" + "\n".join(lines) + "\n" + end + after
