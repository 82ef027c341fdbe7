"""The page in docs is the one that the constraints make."""

from pathlib import Path

from edgekit.converters.contract import constraints, contract_page

PAGE = Path(__file__).parents[3] / "docs" / "contract.md"


def test_the_page_is_up_to_date():
    assert PAGE.read_text() == contract_page(), "write it again: make docs"


def test_the_page_lists_every_rule_in_its_part():
    asked, device = contract_page().split("## What each device demands")
    for item in constraints():
        part = device if item.per_device else asked
        assert f"**{item.name}** ({item.subject}" in part
        assert item.rule in part
    assert "(operator, waivable)" in asked
    assert "waivable" not in device
