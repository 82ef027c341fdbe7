"""Operators of other domains, defined by ONNX functions, so that a model with them can be run."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from edgekit.converters.registering import restored
from edgekit.converters.sources.base import SourceError, first_line

__all__ = ["add_definitions", "defines", "temporary_definitions"]

_FUNCTION_IR = 8  # that brought functions

_DEFINITIONS: dict[tuple[str, str], Any] = {}


def defines(text: str) -> None:
    """Say what an operator computes, as a function of ONNX operators in ONNX's text syntax.

    It is what the converted model is proved against. Models that bring a function of their own
    for the operator keep it. https://github.com/onnx/onnx/blob/main/docs/Syntax.md has the
    syntax.

    Args:
        text: ``<domain: "com.example", opset_import: ["" : 18]> Twice (x) => (y)
            { y = Add(x, x) }``

    Raises:
        TypeError: The text is no function, or the operator is defined already.
    """
    from onnx import parser

    try:
        function = parser.parse_function(text)
    except parser.ParseError as error:
        raise TypeError(f"not an ONNX function: {first_line(error)}") from error
    key = (function.domain, function.name)
    if not function.domain or key in _DEFINITIONS:
        why = "is defined already" if function.domain else "needs a domain of its own"
        raise TypeError(f"{function.domain}:{function.name} {why}")
    _DEFINITIONS[key] = function


@contextmanager
def temporary_definitions() -> Iterator[None]:
    """Forget at the end what was defined within."""
    with restored(_DEFINITIONS):
        yield


def add_definitions(model: Any) -> None:
    """Add the function of each operator that has one here and none in the model, in place.

    Ensures also that nodes have every attribute for which a function has a default, which not
    every tool fills in.

    Args:
        model: An ``onnx.ModelProto``.

    Raises:
        SourceError: Nothing says what an operator of an unknown domain computes, or a
            definition means something else under the model's opset.
    """
    functions = {(function.domain, function.name): function for function in model.functions}
    waiting = [*_nodes(model.graph.node)]
    for function in model.functions:
        waiting += _nodes(function.node)
    while waiting:
        node = waiting.pop()
        key = (node.domain, node.op_type)
        if key not in functions and key in _DEFINITIONS:
            functions[key] = _add(model, _DEFINITIONS[key])
            waiting += _nodes(functions[key].node)
        if key in functions:
            given = {item.name for item in node.attribute}
            defaults = functions[key].attribute_proto
            node.attribute.extend(item for item in defaults if item.name not in given)
        elif not _is_standard(node.domain):
            raise SourceError(
                f"nothing says what {node.op_type} '{node.name or node.output[0]}' of domain "
                f"'{node.domain}' computes",
                hint="keep its function in the model, or define it in a file for --plugin",
            )


def _add(model: Any, definition: Any) -> Any:
    """Add a definition to a model and declare the model's opset for it, where that is the same.

    The checker asks for one opset. An operator that has the same inputs, outputs and defaults
    in both is the same: later versions take more types, or say more clearly what they compute.
    """
    model.ir_version = max(model.ir_version, _FUNCTION_IR)
    model.functions.append(definition)
    function = model.functions[-1]
    wanted = next((item.version for item in model.opset_import if _is_onnx(item)), None)
    for entry in filter(_is_onnx, function.opset_import):
        if wanted is None or entry.version == wanted:
            continue
        for node in _nodes(function.node):
            if _is_onnx(node) and not _same(node.op_type, entry.version, wanted):
                raise SourceError(
                    f"{function.name} is defined with the {node.op_type} of opset "
                    f"{entry.version}, which the model's opset {wanted} changed",
                    hint=f"write the definition for opset {wanted}",
                )
        entry.version = wanted
    return function


def _same(operator: str, first: int, second: int) -> bool:
    """Whether an operator has the same signature and defaults in two opsets."""
    from onnx import defs

    try:
        schemas = [defs.get_schema(operator, opset) for opset in (first, second)]
    except defs.SchemaError:
        return False
    if schemas[0].since_version == schemas[1].since_version:
        return True
    signatures = [
        (
            [(item.name, item.option) for item in (*schema.inputs, *schema.outputs)],
            {
                name: (item.required, item.default_value.SerializeToString())
                for name, item in schema.attributes.items()
            },
        )
        for schema in schemas
    ]
    return signatures[0] == signatures[1]


def _is_onnx(item: Any) -> bool:
    return item.domain in ("", "ai.onnx")


def _is_standard(domain: str) -> bool:
    """Whether onnxruntime brings the operators of a domain."""
    return domain in ("", "ai.onnx") or domain.startswith(("ai.onnx.", "com.microsoft"))


def _nodes(nodes: Any) -> Iterator[Any]:
    for node in nodes:
        yield node
        for attribute in node.attribute:
            for graph in (attribute.g, *attribute.graphs):
                yield from _nodes(graph.node)
