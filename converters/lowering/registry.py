"""Which function lowers which operator, by domain, name and opset."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgekit.converters.lowering.errors import RefusedError
from edgekit.converters.registering import load_modules, restored

if TYPE_CHECKING:
    from edgekit.converters.lowering.context import Lowering
    from edgekit.converters.lowering.source_graph import SourceNode

__all__ = [
    "Handler",
    "Registration",
    "find_handler",
    "lowered_operators",
    "lowers",
    "registrations",
    "temporary_lowerings",
]

Handler = Callable[["Lowering", "SourceNode"], None]


@dataclass(frozen=True, slots=True)
class Registration:
    """A function that lowers an operator.

    Attributes:
        domain: Empty for ONNX's own.
        operator: The operator.
        since: The first opset that it takes.
        handler: The function.
    """

    domain: str
    operator: str
    since: int
    handler: Handler


_PACKAGE = "edgekit.converters.lowering.ops"
_HANDLERS: dict[tuple[str, str], tuple[Registration, ...]] = {}


def lowers(*operators: str, domain: str = "", since: int = 1) -> Callable[[Handler], Handler]:
    """Register a function that lowers these operators, from opset ``since`` on.

    The function reads its inputs from the :class:`Lowering`, emits TFLite operators and sets
    every output. It raises :class:`RefusedError` for what it cannot express exactly.
    """

    def register(handler: Handler) -> Handler:
        for operator in operators:
            entries = _HANDLERS.get((domain, operator), ())
            if any(entry.since == since for entry in entries):
                raise TypeError(f"{domain}:{operator} from opset {since} is registered twice")
            entries = (*entries, Registration(domain, operator, since, handler))
            newest_first = sorted(entries, key=lambda entry: -entry.since)
            _HANDLERS[domain, operator] = tuple(newest_first)
        return handler

    return register


def find_handler(node: "SourceNode") -> Handler:
    """Return the function for a node.

    Raises:
        RefusedError: There is none for its operator or opset.
    """
    load_modules(_PACKAGE)
    for entry in _HANDLERS.get((node.domain, node.kind), ()):
        if node.opset >= entry.since:
            return entry.handler
    raise RefusedError(node, "there is no lowering for it")


def lowered_operators() -> tuple[tuple[str, str], ...]:
    """Return every (domain, operator) that has a lowering."""
    load_modules(_PACKAGE)
    return tuple(sorted(_HANDLERS))


def registrations() -> tuple[Registration, ...]:
    """Return every registration, by domain and operator, the newest opset first."""
    load_modules(_PACKAGE)
    return tuple(entry for key in sorted(_HANDLERS) for entry in _HANDLERS[key])


@contextmanager
def temporary_lowerings() -> Iterator[None]:
    """Forget at the end what was registered within."""
    load_modules(_PACKAGE)
    with restored(_HANDLERS):
        yield
