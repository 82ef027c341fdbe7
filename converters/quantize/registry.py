"""Which rule makes which TFLite operator integer."""

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from edgekit.converters.graph.builder import Node

if TYPE_CHECKING:
    from edgekit.converters.quantize.quantizer import Quantizer

__all__ = ["Rule", "find_rule", "quantizes"]

Rule = Callable[["Quantizer", Node], None]

_RULES: dict[str, Rule] = {}


def quantizes(*kinds: str) -> Callable[[Rule], Rule]:
    """Register the rule of these TFLite operators.

    A rule takes the integer forms of its inputs from the quantizer, gives its outputs their
    integer type and parameters, and adds the node (or what replaces it).
    """

    def register(rule: Rule) -> Rule:
        for kind in kinds:
            if kind in _RULES:
                raise TypeError(f"{kind} has two integer rules")
            _RULES[kind] = rule
        return rule

    return register


def find_rule(kind: str) -> Rule | None:
    """Return the rule of an operator, None where it has no integer form."""
    package = import_module("edgekit.converters.quantize.rules")
    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    return _RULES.get(kind)
