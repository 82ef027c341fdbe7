"""The registry finds a lowering by domain, operator and opset."""

import pytest

from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.lowering.registry import (
    find_handler,
    lowered_operators,
    lowers,
    registrations,
    temporary_lowerings,
)
from edgekit.converters.lowering.source_graph import SourceNode


def node(kind, opset, domain=""):
    return SourceNode(kind, domain, opset, "n", (), (), {})


def test_the_newest_that_the_opset_allows():
    with temporary_lowerings():
        lowers("Thing", domain="d")("old")
        lowers("Thing", domain="d", since=13)("new")
        assert find_handler(node("Thing", 12, "d")) == "old"
        assert find_handler(node("Thing", 13, "d")) == "new"
        assert find_handler(node("Thing", 20, "d")) == "new"
        assert [item.since for item in registrations() if item.domain == "d"] == [13, 1]
    assert ("d", "Thing") not in lowered_operators()


@pytest.mark.parametrize("key", [("Thing", ""), ("Relu", "d")])
def test_what_is_not_there_is_refused(key):
    with pytest.raises(RefusedError, match="there is no lowering for it"):
        find_handler(node(key[0], 20, key[1]))


def test_an_opset_before_the_first_is_refused():
    with temporary_lowerings():
        lowers("Thing", domain="d", since=13)("new")
        with pytest.raises(RefusedError):
            find_handler(node("Thing", 12, "d"))


def test_registering_twice_is_an_error():
    with temporary_lowerings():
        lowers("Thing", domain="d")("one")
        with pytest.raises(TypeError, match="d:Thing from opset 1 is registered twice"):
            lowers("Thing", domain="d")("other")


def test_every_handler_says_what_it_does():
    assert all(item.handler.__doc__ for item in registrations())
