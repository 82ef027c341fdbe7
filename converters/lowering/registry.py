"""Which function lowers which operator, by domain, name and opset."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from edgekit.converters.lowering.errors import RefusedError

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


_HANDLERS: dict[tuple[str, str], list[Registration]] = {}


def lowers(*operators: str, domain: str = "", since: int = 1) -> Callable[[Handler], Handler]:
    """Register a function that lowers these operators, from opset ``since`` on.

    The function reads its inputs from the :class:`Lowering`, emits TFLite operators and sets
    every output. It raises :class:`RefusedError` for what it cannot express exactly.
    """

    def register(handler: Handler) -> Handler:
        for operator in operators:
            entries = _HANDLERS.setdefault((domain, operator), [])
            if any(entry.since == since for entry in entries):
                raise TypeError(f"{domain}:{operator} from opset {since} is registered twice")
            entries.append(Registration(domain, operator, since, handler))
            entries.sort(key=lambda entry: -entry.since)
        return handler

    return register


def find_handler(node: "SourceNode") -> Handler:
    """Return the function for a node.

    Raises:
        RefusedError: There is none for its operator or opset.
    """
    _load_all()
    for entry in _HANDLERS.get((node.domain, node.kind), ()):
        if node.opset >= entry.since:
            return entry.handler
    raise RefusedError(node, "there is no lowering for it")


def lowered_operators() -> tuple[tuple[str, str], ...]:
    """Return every (domain, operator) that has a lowering."""
    _load_all()
    return tuple(sorted(_HANDLERS))


def registrations() -> tuple[Registration, ...]:
    """Return every registration, by domain and operator, the newest opset first."""
    _load_all()
    return tuple(entry for key in sorted(_HANDLERS) for entry in _HANDLERS[key])


@contextmanager
def temporary_lowerings() -> Iterator[None]:
    """Forget at the end what was registered within."""
    _load_all()
    kept = {key: list(entries) for key, entries in _HANDLERS.items()}
    try:
        yield
    finally:
        _HANDLERS.clear()
        _HANDLERS.update(kept)


@cache
def _load_all() -> None:
    package = import_module("edgekit.converters.lowering.ops")
    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
