"""The register of constraints."""

import pytest

from edgekit.converters.contract import constraints
from edgekit.converters.contract.base import constraint


def test_every_constraint_has_a_subject_and_a_message():
    found = constraints()
    assert len(found) == len({item.name for item in found}) > 12
    for item in found:
        assert item.subject in {"operator", "tensor", "graph"}
        first = item.rule.split(". ")[0]
        assert len(first) > 20
        assert item.rule.endswith(".")
        assert "\n" not in item.rule


def test_only_what_is_asked_for_can_be_waived():
    waivable = {item.name for item in constraints() if item.is_float_island}
    assert waivable == {"operator_is_integer", "weights_have_the_width_asked_for"}
    assert not any(item.per_device for item in constraints() if item.is_float_island)


def test_a_name_is_registered_once():
    def operator_is_integer(*_):
        """Stand for nothing."""

    count = len(constraints())
    with pytest.raises(TypeError, match="operator_is_integer is registered twice"):
        constraint("operator")(operator_is_integer)
    assert len(constraints()) == count
