"""The pages about operators are what the registries and the committed runs make."""

from pathlib import Path

import pytest

from edgekit.converters.lowering.registry import registrations
from edgekit.converters.quantize.registry import integer_rules

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture(scope="module")
def pages(script):
    return script("onnx_node_tests_pages").pages()


@pytest.mark.parametrize("name", ["operators.md", "node-tests.md"])
def test_a_page_is_up_to_date(pages, name):
    assert (DOCS / name).read_text() == pages[name], "write it again: make docs"


def test_every_lowering_has_its_line(pages):
    for item in registrations():
        name = f"{item.domain}:{item.operator}" if item.domain else item.operator
        assert name in pages["operators.md"]


def test_every_integer_rule_has_its_line(pages):
    part = pages["operators.md"].partition("## TFLite operators in int8")[2]
    assert not [kind for kind in integer_rules() if f"`{kind}`" not in part]


def test_the_record_knows_every_case_and_nothing_is_wrong(script):
    record = script("node_tests.outcome").Record.read(DOCS / "figures" / "onnx_node_tests.json")
    cases = script("node_tests.cases").collect()
    assert [item.case for item in record.outcomes] == [case.name for case in cases]
    assert not [item.case for item in record.outcomes if item.status == "WRONG"]
    assert sum(item.status.is_pass for item in record.outcomes) >= 1100


@pytest.mark.parametrize(
    ("source", "reasons"),
    [
        ('raise RefusedError(node, "it is odd", hint="x")', ["it is odd"]),
        ('raise RefusedError(node, f"axis {axis} is {what!r}")', ["axis ... is ..."]),
        ('raise RefusedError(node, "one" if x else f"two {y}")', ["one", "two ..."]),
        ("raise RefusedError(node, why)", []),
        ('raise EdgekitError("something else")', []),
    ],
)
def test_refusals_are_read_from_the_source(script, tmp_path, source, reasons):
    (tmp_path / "module.py").write_text(source)
    assert script("node_tests.refusals").refusals_of(tmp_path / "module.py") == reasons
