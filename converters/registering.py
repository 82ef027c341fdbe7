"""What the registries of operators share: load what registers itself, and forget it again."""

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeVar

__all__ = ["load_modules", "restored"]

K = TypeVar("K")
V = TypeVar("V")


@cache
def load_modules(package: str) -> None:
    """Import every module of a package, for what their decorators register."""
    for module in iter_modules(import_module(package).__path__):
        import_module(f"{package}.{module.name}")


@contextmanager
def restored(registry: MutableMapping[K, V]) -> Iterator[None]:
    """Give a registry at the end the entries that it has now; the entries are not copied."""
    kept = dict(registry)
    try:
        yield
    finally:
        registry.clear()
        registry.update(kept)
