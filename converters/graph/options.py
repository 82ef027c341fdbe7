"""Operator options as plain values under the schema's names, and back."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from edgekit.converters.graph.flatbuffer import MalformedModelError

__all__ = ["options_from_schema", "options_to_schema"]


def options_from_schema(operator: Any) -> tuple[str, dict[str, Any]]:
    """Return the name and the values of a schema operator's options.

    Raises:
        MalformedModelError: They hold something that is neither a number, a text nor a list.
    """
    options = operator.builtinOptions
    if options is None:
        options = operator.builtinOptions2
    if options is None:
        return "", {}
    values = {_snake(name): _plain(value) for name, value in vars(options).items()}
    return type(options).__name__.removesuffix("T"), values


def options_to_schema(operator: Any, options_type: str, values: Mapping[str, Any]) -> None:
    """Put options into a schema operator.

    Raises:
        MalformedModelError: The schema has no such options, or they have no such field.
    """
    from ai_edge_litert import schema_py_generated as schema

    if not options_type:
        return
    made = getattr(schema, f"{options_type}T", None)
    options = made() if made else None
    for name, value in values.items():
        attribute = _camel(name)
        if options is None or not hasattr(options, attribute):
            raise MalformedModelError(f"{options_type} has no field {name}")
        setattr(options, attribute, value)
    first = getattr(schema.BuiltinOptions, options_type, 0)
    if first:
        operator.builtinOptionsType, operator.builtinOptions = first, options
        return
    operator.builtinOptions2Type = getattr(schema.BuiltinOptions2, options_type)
    operator.builtinOptions2 = options


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list | tuple | np.ndarray):
        return tuple(_plain(item) for item in value)
    raise MalformedModelError(f"options that hold a {type(value).__name__} are not supported")


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", name)


def _camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name)
