"""Which rule makes which TFLite operator integer."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from edgekit.converters.graph.builder import Node

if TYPE_CHECKING:
    from edgekit.converters.quantize.quantizer import Quantizer

__all__ = ["Rule", "find_rule", "integer_rules", "quantizes", "temporary_rules"]

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
    _load_all()
    return _RULES.get(kind)


def integer_rules() -> Mapping[str, Rule]:
    """Return every rule by TFLite operator."""
    _load_all()
    return dict(sorted(_RULES.items()))


@contextmanager
def temporary_rules() -> Iterator[None]:
    """Forget at the end what was registered within."""
    _load_all()
    kept = dict(_RULES)
    try:
        yield
    finally:
        _RULES.clear()
        _RULES.update(kept)


@cache
def _load_all() -> None:
    """Import the modules that register rules; one that lowers may have the rule beside it."""
    for name in ("edgekit.converters.quantize.rules", "edgekit.converters.lowering.ops"):
        package = import_module(name)
        for module in iter_modules(package.__path__):
            import_module(f"{name}.{module.name}")
