"""The page is one file, and names from models are text in it."""

import re

from edgekit.reporting import Prose, Report, Section, Table, to_html


def test_names_from_models_are_text():
    odd = "</td><script>alert(1)</script>"
    section = Section("s", odd, (Prose(odd), Table(odd, (odd,), ((odd,),))))
    text = to_html(Report(odd, "now", "0", (section,), ()))
    assert "<script" not in text
    assert text.count("&lt;script&gt;") >= 6


def test_names_inside_charts_are_unlike(report):
    text = to_html(report)
    names = re.findall(r'\sid="([^"]*)"', text)
    assert len(names) == len(set(names))
    for name in re.findall(r'(?:url\(#|href="#)([^)"]+)', text):
        assert name in names


def test_it_is_the_same_for_the_same_report(report):
    assert to_html(report) == to_html(report)
