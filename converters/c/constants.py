"""Constant data in C: equal arrays once, as definitions and as declarations."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.c.step import Array

__all__ = ["ConstantPool", "c_float", "c_integer"]

_LINE = 96


class ConstantPool:
    """Arrays that have got a name.

    Args:
        prefix: Of their names.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._names: dict[tuple[str, bytes], str] = {}
        self._arrays: dict[str, Array] = {}

    def name(self, array: Array, role: str) -> str:
        """Return the name of an array; equal ones have one.

        Args:
            array: The values.
            role: What it is, which becomes part of a new name.
        """
        key = (array.values.dtype.name, array.values.tobytes())
        if key not in self._names:
            self._names[key] = f"{self._prefix}_{role}_{len(self._names)}"
        name = self._names[key]
        known = self._arrays.get(name)
        if known is None or known.alignment < array.alignment:
            self._arrays[name] = array
        return name

    @property
    def size_bytes(self) -> int:
        """Bytes of all of them."""
        return sum(array.values.nbytes for array in self._arrays.values())

    def declarations(self) -> str:
        """Return their ``extern`` declarations."""
        return "".join(
            f"extern {_declarator(name, array)};\n" for name, array in self._arrays.items()
        )

    def definitions(self, align: str) -> str:
        """Return their definitions.

        Args:
            align: Name of a macro that takes an alignment in bytes.
        """
        return "\n".join(
            f"{align}({array.alignment})\n{_declarator(name, array)} = {{\n"
            f"{_lines(array.values)}}};\n"
            for name, array in self._arrays.items()
        )


def c_integer(value: int) -> str:
    """Return an integer as a C constant; the least ones have no literal of their own."""
    if value == -(2**63):
        return "(-9223372036854775807 - 1)"
    return str(value)


def c_float(value: float) -> str:
    """Return a number as a C constant of single precision, which reads as the same number."""
    text = str(np.float32(value))
    return f"{text}f" if "." in text or "e" in text else f"{text}.0f"


def _declarator(name: str, array: Array) -> str:
    kind = "float" if array.values.dtype.kind == "f" else f"{array.values.dtype.name}_t"
    return f"const {kind} {name}[{array.values.size}]"


def _lines(values: npt.NDArray[Any]) -> str:
    write = c_float if values.dtype.kind == "f" else c_integer
    return "".join(f"    {line}\n" for line in _wrapped([write(item) for item in values.tolist()]))


def _wrapped(items: Sequence[str]) -> list[str]:
    lines, line = [], ""
    for item in items:
        if line and len(line) + len(item) + 2 > _LINE:
            lines.append(line)
            line = ""
        line += (" " if line else "") + item + ","
    return [*lines, line]
