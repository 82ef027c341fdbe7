"""Which rule makes which TFLite operator integer."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from edgekit.converters.graph.builder import Node
from edgekit.converters.registering import load_modules, restored

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
    with restored(_RULES):
        yield


def _load_all() -> None:
    """Import the modules that register rules; one that lowers may have the rule beside it."""
    load_modules("edgekit.converters.quantize.rules")
    load_modules("edgekit.converters.lowering.ops")
