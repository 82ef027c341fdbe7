"""Markdown holds tables and the words of charts, and no cell breaks its table."""

from edgekit.reporting import Prose, Report, Section, Table, to_markdown


def test_it_has_every_section_and_the_numbers_of_charts(report):
    text = to_markdown(report)
    for section in report.sections:
        assert f"\n## {section.title}\n" in text
    chart = next(
        block for item in report.sections for block in item.blocks if hasattr(block, "svg")
    )
    assert chart.alternative in text
    assert f"| {' | '.join(chart.data.rows[0])} |" in text
    assert "<svg" not in text


def test_names_from_models_stay_in_their_cell():
    table = Table("odd", ("name", "n"), (("a|b\n<script>", "1"),), frozenset(("n",)))
    blocks = (table, Prose("look out", is_warning=True), Prose("edgekit x", is_code=True))
    text = to_markdown(Report("t", "now", "0", (Section("s", "S", blocks),), ()))
    assert "| a\\|b &lt;script> | 1 |" in text
    assert "| --- | ---: |" in text
    assert "> **look out**" in text
    assert "\n    edgekit x\n" in text
