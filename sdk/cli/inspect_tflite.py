"""A `.tflite` file as text and as JSON: interface, operators, tensors, memory."""

import importlib.util
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from edgekit.cli.inspect_findings import examined, show_found
from edgekit.cli.tables import byte_size, dimensions, make_table, print_table
from edgekit.converters.graph import (
    Graph,
    MalformedModelError,
    Operator,
    Subgraph,
    Tensor,
    peak_activation_bytes,
    read_graph,
)
from edgekit.errors import MissingDependencyError, UnreadableFileError

__all__ = ["graph_json", "read_tflite", "show_graph", "view"]

_PEAK_METHOD = "most bytes of tensors alive together: a lower bound of the arena"


def view(
    path: Path, *, operators: bool, tensors: bool
) -> tuple[dict[str, Any], Callable[[Any], None]]:
    """Read a file; return it as JSON values, and what prints it.

    Raises:
        UnreadableFileError: It is garbage or truncated.
    """
    graph = read_tflite(path, path.read_bytes())
    data = graph_json(graph, operators=operators, tensors=tensors)
    findings, unexamined = examined(path)
    data |= {"findings": [item.to_json() for item in findings], "not_examined": unexamined}

    def show(console: Any) -> None:
        console.print(f"{path}: TFLite, {byte_size(graph.size_bytes)}", style="bold")
        show_graph(console, graph, operators=operators, tensors=tensors)
        show_found(console, findings, None)  # integer models are none to examine

    return {"kind": "tflite", "path": str(path), **data}, show


def read_tflite(path: Path, content: bytes) -> Graph:
    """Return the graph of a model that came from ``path``.

    Raises:
        UnreadableFileError: It is garbage or truncated.
        MissingDependencyError: The package with TFLite's schema is not installed.
    """
    if importlib.util.find_spec("ai_edge_litert") is None:
        raise MissingDependencyError(
            "ai-edge-litert", extra="runtime", purpose="inspecting a TFLite model"
        )
    try:
        return read_graph(content)
    except MalformedModelError as error:
        raise UnreadableFileError(path, error.message, hint=error.hint) from error


def graph_json(graph: Graph, *, operators: bool, tensors: bool) -> dict[str, Any]:
    """Return a graph as plain JSON values; every operator and tensor where asked for."""
    main = graph.main
    data: dict[str, Any] = {
        "size_bytes": graph.size_bytes,
        "constant_bytes": _constant_bytes(graph),
        "peak_activation": {
            "bytes": peak_activation_bytes(main),
            "provenance": "estimated",
            "method": _PEAK_METHOD,
        },
        "inputs": [_tensor_json(main.tensors[index]) for index in main.inputs],
        "outputs": [_tensor_json(main.tensors[index]) for index in main.outputs],
        "operator_counts": _counts(graph),
    }
    if operators:
        data["operators"] = [
            {
                "subgraph": number,
                "index": item.index,
                "kind": item.kind,
                "version": item.version,
                "inputs": [_tensor_json(tensor) for tensor in subgraph.inputs_of(item)],
                "outputs": [_tensor_json(tensor) for tensor in subgraph.outputs_of(item)],
            }
            for number, subgraph in enumerate(graph.subgraphs)
            for item in subgraph.operators
        ]
    if tensors:
        data["tensors"] = [
            {"subgraph": number, "index": item.index, **_tensor_json(item)}
            for number, subgraph in enumerate(graph.subgraphs)
            for item in subgraph.tensors
        ]
    return data


def show_graph(console: Any, graph: Graph, *, operators: bool, tensors: bool) -> None:
    """Print a graph; every operator and tensor where asked for."""
    main = graph.main
    for kind, indices in (("input", main.inputs), ("output", main.outputs)):
        for index in indices:
            tensor = main.tensors[index]
            console.print(f"  {kind} {tensor.name}: {_description(tensor)}", soft_wrap=True)
    console.print(
        f"  constants {byte_size(_constant_bytes(graph))}, activations at least "
        f"{byte_size(peak_activation_bytes(main))} at their peak (estimated: a lower bound)"
    )
    for number, subgraph in enumerate(graph.subgraphs):
        if len(graph.subgraphs) > 1:
            console.print(f"subgraph {number} '{subgraph.name}'", style="bold")
        if operators:
            for line in _operator_lines(subgraph):
                console.print(line, soft_wrap=True)
        if tensors:
            print_table(console, "Tensors", _tensor_table(subgraph))
    if not operators:
        table = make_table("operator", "count", right=("count",))
        for kind, count in _counts(graph).items():
            table.add_row(kind, str(count))
        print_table(console, "Operators", table)


def _counts(graph: Graph) -> dict[str, int]:
    counts = Counter(item.kind for part in graph.subgraphs for item in part.operators)
    return dict(counts.most_common())


def _constant_bytes(graph: Graph) -> int:
    return sum(tensor.data_bytes for part in graph.subgraphs for tensor in part.tensors)


def _operator_lines(subgraph: Subgraph) -> Iterator[str]:
    for operator in subgraph.operators:
        yield _heading(operator)
        for direction, tensors in (
            ("in ", subgraph.inputs_of(operator)),
            ("out", subgraph.outputs_of(operator)),
        ):
            for tensor in tensors:
                yield f"    {direction} {tensor.name}: {_description(tensor)}"


def _heading(operator: Operator) -> str:
    custom = " (custom)" if operator.is_custom else ""
    return f"#{operator.index} {operator.kind} version {operator.version}{custom}"


def _tensor_table(subgraph: Subgraph) -> Any:
    columns = ("#", "tensor", "dtype", "shape", "quantization", "role")
    table = make_table(*columns, right=("#",))
    for tensor in subgraph.tensors:
        table.add_row(
            str(tensor.index),
            tensor.name,
            tensor.dtype.value,
            dimensions(tensor.shape),
            _quantization(tensor),
            _role(tensor),
        )
    return table


def _role(tensor: Tensor) -> str:
    if tensor.is_constant:
        return f"constant, {byte_size(tensor.data_bytes)}"
    return "variable" if tensor.is_variable else "activation"


def _description(tensor: Tensor) -> str:
    parts = [f"{tensor.dtype.value} {dimensions(tensor.shape)}", _quantization(tensor)]
    if tensor.is_constant or tensor.is_variable:
        parts.append(_role(tensor))
    return ", ".join(filter(None, parts))


def _quantization(tensor: Tensor) -> str:
    found = tensor.quantization
    if found is None:
        return ""
    if found.is_per_channel:
        low, high = min(found.scales), max(found.scales)
        return f"{len(found.scales)} scales {low:.6g} to {high:.6g} along axis {found.axis}"
    return f"scale {found.scales[0]:.6g}, zero point {found.zero_points[0]}"


def _tensor_json(tensor: Tensor) -> dict[str, Any]:
    found = tensor.quantization
    return {
        "name": tensor.name,
        "dtype": tensor.dtype.value,
        "shape": list(tensor.shape),
        "role": _role(tensor).partition(",")[0],
        "constant_bytes": tensor.data_bytes,
        "quantization": found
        and {
            "scales": list(found.scales),
            "zero_points": list(found.zero_points),
            "axis": found.axis if found.is_per_channel else None,
        },
    }
