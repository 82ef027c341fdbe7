"""How operators are registered with TensorFlow Lite Micro, read from a data file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from edgekit.converters.graph import DataType, Graph, Operator, Subgraph

__all__ = ["Registration", "needed_kinds", "register", "registrations"]

_FILE: Final = Path(__file__).parent / "registrations.toml"
_WEIGHTED: Final = frozenset(["CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"])
_ELEMENTWISE: Final = frozenset(["ADD", "MUL"])


@dataclass(frozen=True, slots=True)
class Registration:
    """How an operator gets into a resolver.

    Attributes:
        add: The member function of ``MicroMutableOpResolver``.
        typed: Registrations for one type of data, by its NumPy name.
        since: Year of the oldest sources in which it was found.
    """

    add: str
    typed: Mapping[str, str]
    since: int


@cache
def registrations() -> Mapping[str, Registration]:
    """Return all registrations by the operator's name in TFLite's schema."""
    content = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return MappingProxyType(
        {
            kind: Registration(
                add=row["add"],
                typed={dtype: row[dtype] for dtype in ("int8", "int16") if dtype in row},
                since=row.get("since", content["since"]),
            )
            for kind, row in content["operators"].items()
        }
    )


def needed_kinds(graph: Graph) -> tuple[str, ...]:
    """Return the kinds of a model's operators in all its subgraphs, sorted."""
    return tuple(sorted({item.kind for part in graph.subgraphs for item in part.operators}))


def register(graph: Graph, kind: str) -> str:
    """Return the call that registers one kind of a model's operators.

    A registration for one type is taken where all operators of the kind work on that type alone:
    the linker then leaves the kernels of other types out.
    """
    found = registrations()[kind]
    users = [
        _data_type(operator, part)
        for part in graph.subgraphs
        for operator in part.operators
        if operator.kind == kind
    ]
    typed = found.typed.get(users[0] or "") if len({*users}) == 1 else None
    return f"{found.add}(tflite::{typed}())" if typed else f"{found.add}()"


def _data_type(operator: Operator, part: Subgraph) -> str | None:
    """Return the type that an operator's data have, None where a generic kernel is needed."""
    inputs, outputs = [*part.inputs_of(operator)], [*part.outputs_of(operator)]
    if operator.kind in _WEIGHTED and inputs[1].dtype is not DataType.INT8:
        return None
    data = inputs if operator.kind in _ELEMENTWISE else inputs[:1]
    types = {tensor.dtype.value.lower() for tensor in (*data, *outputs)}
    return types.pop() if len(types) == 1 else None
