"""An ONNX model, or the one that a torch source becomes, as text and as JSON."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edgekit.cli.inspect_findings import examined, show_found
from edgekit.cli.tables import byte_size, dimensions, make_table, print_table
from edgekit.errors import MissingDependencyError, UnreadableFileError

__all__ = ["view", "view_source"]


@dataclass(frozen=True, slots=True)
class _Value:
    """An input, an output or a constant.

    A dimension of ``shape`` is a number, or the name of one that is not fixed.
    """

    name: str
    dtype: str
    shape: tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class _Operator:
    name: str
    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Model:
    """What is said about an ONNX model. Bodies of If, Loop and Scan are counted too."""

    size_bytes: int
    producer: str
    opsets: dict[str, int]
    inputs: tuple[_Value, ...]
    outputs: tuple[_Value, ...]
    parameters: tuple[_Value, ...]
    operators: tuple[_Operator, ...]

    @property
    def counts(self) -> dict[str, int]:
        return dict(Counter(item.kind for item in self.operators).most_common())

    @property
    def parameter_counts(self) -> dict[str, int]:
        """How many numbers of each type the parameters hold together."""
        counts: Counter[str] = Counter()
        for value in self.parameters:
            counts[value.dtype] += _elements(value)
        return dict(counts.most_common())


def view(
    path: Path, *, operators: bool, tensors: bool
) -> tuple[dict[str, Any], Callable[[Any], None]]:
    """Read a file; return it as JSON values, and what prints it.

    Raises:
        UnreadableFileError: It is garbage or truncated.
        MissingDependencyError: onnx is not installed.
    """
    model = _described(_read(path), path.stat().st_size)
    findings, unexamined = examined(path)
    data = {
        **_json(model, operators=operators, tensors=tensors),
        "path": str(path),
        "findings": [item.to_json() for item in findings],
        "not_examined": unexamined,
    }

    def show(console: Any) -> None:
        console.print(f"{path}: ONNX, {byte_size(model.size_bytes)}", style="bold")
        _show(console, model, operators=operators, tensors=tensors)
        show_found(console, findings, unexamined)

    return data, show


def view_source(
    path: Path, *, operators: bool, tensors: bool
) -> tuple[dict[str, Any], Callable[[Any], None]]:
    """Open a torch source; return the ONNX model that it becomes as JSON, and what prints it.

    A Python file is run for it, as a build runs it.

    Raises:
        EdgekitError: The source cannot be opened.
    """
    import onnx

    from edgekit.converters.compression import examine
    from edgekit.converters.sources import open_source

    source = open_source(path)
    model = _described(onnx.load_from_string(source.content), path.stat().st_size)
    findings = examine(source)
    data = {
        **_json(model, operators=operators, tensors=tensors),
        "kind": source.kind,
        "path": str(path),
        "findings": [item.to_json() for item in findings],
        "not_examined": None,
    }

    def show(console: Any) -> None:
        title = f"{path}: {source.kind}, as the ONNX model that it becomes"
        console.print(title, style="bold", soft_wrap=True)
        _show(console, model, operators=operators, tensors=tensors)
        show_found(console, findings, None)

    return data, show


def _json(model: _Model, *, operators: bool, tensors: bool) -> dict[str, Any]:
    data: dict[str, Any] = {
        "kind": "onnx",
        "size_bytes": model.size_bytes,
        "producer": model.producer,
        "opsets": model.opsets,
        "inputs": [asdict(value) for value in model.inputs],
        "outputs": [asdict(value) for value in model.outputs],
        "operator_counts": model.counts,
        "parameter_counts": model.parameter_counts,
    }
    if operators:
        data["operators"] = [asdict(item) for item in model.operators]
    if tensors:
        data["parameters"] = [asdict(value) for value in model.parameters]
    return data


def _described(proto: Any, size_bytes: int) -> _Model:
    graphs = list(_graphs(proto.graph))
    held = {tensor.name for tensor in proto.graph.initializer}
    return _Model(
        size_bytes=size_bytes,
        producer=f"{proto.producer_name} {proto.producer_version}".strip(),
        opsets={item.domain or "ai.onnx": item.version for item in proto.opset_import},
        inputs=tuple(_interface(item) for item in proto.graph.input if item.name not in held),
        outputs=tuple(_interface(item) for item in proto.graph.output),
        parameters=tuple(value for graph in graphs for value in _parameters(graph)),
        operators=tuple(
            _Operator(
                node.name,
                f"{node.domain}::{node.op_type}" if node.domain else node.op_type,
                tuple(node.input),
                tuple(node.output),
            )
            for graph in graphs
            for node in graph.node
        ),
    )


def _read(path: Path) -> Any:
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            "onnx", extra="convert", purpose="inspecting an ONNX model"
        ) from error
    try:
        # The weights themselves are not looked at, so those in other files may be missing.
        model = onnx.load(path, load_external_data=False)
    except DecodeError as error:
        raise UnreadableFileError(
            path, "it is truncated or no ONNX model", hint="copy or export the model again"
        ) from error
    # Protocol buffers end at any field: these are the ones that every model has.
    if not (model.graph.node and model.graph.output and model.opset_import):
        raise UnreadableFileError(
            path,
            "it lacks operators, outputs or an operator set",
            hint="is it truncated? copy or export the model again",
        )
    return model


def _graphs(graph: Any) -> Iterator[Any]:
    """Yield a graph and those inside its operators."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            for inner in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
                yield from _graphs(inner)


def _parameters(graph: Any) -> Iterator[_Value]:
    """Yield the constants of a graph, be they initializers or operators of that kind."""
    for tensor in graph.initializer:
        yield _Value(tensor.name, _type_name(tensor.data_type), tuple(tensor.dims))
    for node in graph.node:
        for attribute in node.attribute:
            if node.op_type == "Constant" and attribute.HasField("t"):
                yield _Value(
                    node.output[0], _type_name(attribute.t.data_type), tuple(attribute.t.dims)
                )


def _interface(value: Any) -> _Value:
    kind = value.type.WhichOneof("value") or "unknown"
    if kind != "tensor_type":
        return _Value(value.name, kind.removesuffix("_type"), ())
    tensor = value.type.tensor_type
    shape = tuple(
        dim.dim_value if dim.HasField("dim_value") else dim.dim_param or "?"
        for dim in tensor.shape.dim
    )
    return _Value(value.name, _type_name(tensor.elem_type), shape)


def _type_name(element: int) -> str:
    import onnx

    known: dict[int, str] = {number: name for name, number in onnx.TensorProto.DataType.items()}
    return known.get(element, f"type {element}").lower()


def _elements(value: _Value) -> int:
    count = 1
    for size in value.shape:
        assert isinstance(size, int)  # constants have no open dimensions
        count *= size
    return count


def _show(console: Any, model: _Model, *, operators: bool, tensors: bool) -> None:
    opsets = ", ".join(f"{domain} {version}" for domain, version in model.opsets.items())
    made = f", made by {model.producer}" if model.producer else ""
    console.print(f"  operator set {opsets}{made}")
    for kind, values in (("input", model.inputs), ("output", model.outputs)):
        for value in values:
            console.print(f"  {kind} {value.name}: {value.dtype} {dimensions(value.shape)}")
    counts = model.parameter_counts.items()
    text = ", ".join(f"{count:,} {dtype}" for dtype, count in counts)
    console.print(f"  parameters: {text or 'none'}")
    if operators:
        for item in model.operators:
            label = f"{item.kind} '{item.name}'" if item.name else item.kind
            ends = f"{', '.join(filter(None, item.inputs))} -> {', '.join(item.outputs)}"
            console.print(f"{label}: {ends}", soft_wrap=True)
    else:
        table = make_table("operator", "count", right=("count",))
        for kind, count in model.counts.items():
            table.add_row(kind, str(count))
        print_table(console, "Operators", table)
    if tensors:
        table = make_table("tensor", "dtype", "shape")
        for value in model.parameters:
            table.add_row(value.name, value.dtype, dimensions(value.shape))
        print_table(console, "Parameters", table)
