"""Figures beside their sources, and the reader of TOML tables that refuses a figure without one."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from edgekit.errors import EdgekitError, UnreadableFileError

__all__ = [
    "Coefficient",
    "ProfileError",
    "RefusedValueError",
    "Sourced",
    "Table",
    "coefficient",
    "flag",
    "number",
    "read_toml",
    "text",
    "whole",
]

T = TypeVar("T")

UNVERIFIED = "unverified"


class RefusedValueError(Exception):
    """A value that breaks the schema; says what it must be. Never leaves this package."""


class ProfileError(EdgekitError):
    """A device profile or runtime file that breaks the schema, with the file and the key."""

    def __init__(self, path: Path, key: str | None, why: str, *, hint: str | None = None) -> None:
        place = f"{path}, '{key}'" if key else f"{path}"
        super().__init__(
            f"{place}: {why}", hint=hint or "docs/device-profiles.md explains the fields"
        )
        self.path = path
        self.key = key


@dataclass(frozen=True, slots=True)
class Sourced(Generic[T]):
    """A fact and where it comes from.

    Attributes:
        value: In the unit that the field's name ends with.
        source: Document, page or measurement; begins with "unverified" where nobody checked.
    """

    value: T
    source: str

    @property
    def verified(self) -> bool:
        """False where the source text begins with "unverified"."""
        return not self.source.lower().startswith(UNVERIFIED)


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A number that a prediction rests on, with the lowest and highest that were seen."""

    typical: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.typical:g} ({self.low:g} to {self.high:g})"


def text(raw: Any) -> str:
    """Accept a string that is not empty."""
    if not isinstance(raw, str) or not raw.strip():
        raise RefusedValueError("must be a text that is not empty")
    return raw


def whole(raw: Any) -> int:
    """Accept a whole number above zero."""
    if type(raw) is not int or raw <= 0:
        raise RefusedValueError("must be a whole number above zero")
    return raw


def number(raw: Any) -> float:
    """Accept a finite number above zero."""
    if type(raw) not in {int, float} or not 0 < raw < float("inf"):
        raise RefusedValueError("must be a number above zero")
    return float(raw)


def coefficient(raw: Any) -> Coefficient:
    """Accept a table of three numbers above zero: ``low`` <= ``typical`` <= ``high``."""
    names = ("typical", "low", "high")
    if not isinstance(raw, dict) or set(raw) != set(names):
        raise RefusedValueError(f"must be a table of {', '.join(names)}")
    typical, low, high = (number(raw[name]) for name in names)
    if not low <= typical <= high:
        raise RefusedValueError("must have its typical value between low and high")
    return Coefficient(typical, low, high)


def flag(raw: Any) -> bool:
    """Accept true or false."""
    if not isinstance(raw, bool):
        raise RefusedValueError("must be true or false")
    return raw


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        UnreadableFileError: The file is missing or may not be read.
        ProfileError: It is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadableFileError(path, error.strerror or str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileError(path, None, f"is not valid TOML: {error}") from error


class Table:
    """One TOML table being read: each key is asked for once, and what is left is an error.

    Each method takes a ``parse`` function, which returns the checked value or raises a
    ``RefusedValueError`` that says what the value must be.
    """

    def __init__(self, path: Path, data: dict[str, Any], parent: str = "") -> None:
        self._path = path
        self._data = data
        self._parent = parent
        self._asked: set[str] = set()

    def value(self, key: str, parse: Callable[[Any], T]) -> T:
        """Return the checked value of ``key``.

        Raises:
            ProfileError: It is missing or not what ``parse`` accepts.
        """
        self._asked.add(key)
        name = self._parent + key
        if key not in self._data:
            raise ProfileError(self._path, name, "is missing")
        try:
            return parse(self._data[key])
        except RefusedValueError as error:
            raise ProfileError(self._path, name, f"{error}, not {self._data[key]!r}") from error

    def optional(self, key: str, parse: Callable[[Any], T]) -> T | None:
        """Return the checked value of ``key``, or None where there is none."""
        self._asked.add(key)
        return self.value(key, parse) if key in self._data else None

    def figure(self, key: str, parse: Callable[[Any], T]) -> Sourced[T]:
        """Return the table ``key`` with its ``value`` and its ``source``.

        Raises:
            ProfileError: There is no such table, or no source, or another field in it.
        """
        table = Table(self._path, self.value(key, _table), f"{self._parent}{key}.")
        figure = Sourced(table.value("value", parse), table.value("source", text))
        table.close()
        return figure

    def optional_figure(self, key: str, parse: Callable[[Any], T]) -> Sourced[T] | None:
        """Return the figure ``key``, or None where there is none."""
        self._asked.add(key)
        return self.figure(key, parse) if key in self._data else None

    def close(self) -> None:
        """Refuse what nobody asked for.

        Raises:
            ProfileError: A field that the schema does not know.
        """
        for key in sorted(self._data.keys() - self._asked):
            known = ", ".join(sorted(self._asked))
            raise ProfileError(
                self._path, self._parent + key, "is not a known field", hint=f"known: {known}"
            )


def _table(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise RefusedValueError("must be a table with a value and a source")
    return raw
