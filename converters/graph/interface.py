"""Give a TFLite model's inputs and outputs the names and the order of its source."""

from collections.abc import Mapping, Sequence

from edgekit.converters.graph.flatbuffer import MalformedModelError, pack_model, unpack_model

__all__ = ["with_interface"]


def with_interface(
    content: bytes, inputs: Sequence[tuple[str, str]], outputs: Sequence[tuple[str, str]]
) -> bytes:
    """Rename and reorder the main subgraph's inputs and outputs.

    A signature ``serving_default`` with the same names is added, for consumers that match by
    signature. Other tensors that already bear one of the names are renamed.

    Args:
        content: A TFLite model.
        inputs: (name in the file, wanted name), in the wanted order.
        outputs: The same for outputs.

    Raises:
        MalformedModelError: A name in the file is missing.
    """
    model = unpack_model(content)
    subgraph = model.subgraphs[0]
    subgraph.inputs = _ordered(subgraph, list(subgraph.inputs), inputs)
    subgraph.outputs = _ordered(subgraph, list(subgraph.outputs), outputs)
    _rename(subgraph, dict(zip((w for _, w in inputs), subgraph.inputs, strict=True)))
    _rename(subgraph, dict(zip((w for _, w in outputs), subgraph.outputs, strict=True)))
    model.signatureDefs = [_signature(subgraph, inputs, outputs)]
    return pack_model(model)


def _ordered(subgraph: object, indices: list[int], wanted: Sequence[tuple[str, str]]) -> list[int]:
    tensors = subgraph.tensors  # type: ignore[attr-defined] # SubGraphT of the schema
    found = {tensors[index].name.decode(): index for index in indices}
    missing = [name for name, _ in wanted if name not in found]
    if missing or len(found) != len(wanted):
        raise MalformedModelError(
            f"its interface is {', '.join(found)}, expected {', '.join(n for n, _ in wanted)}"
        )
    return [found[name] for name, _ in wanted]


def _rename(subgraph: object, names: Mapping[str, int]) -> None:
    tensors = subgraph.tensors  # type: ignore[attr-defined] # SubGraphT of the schema
    for index, tensor in enumerate(tensors):
        if names.get(tensor.name.decode(), index) != index:
            tensor.name += f"/inner_{index}".encode()
    for name, index in names.items():
        tensors[index].name = name.encode()


def _signature(
    subgraph: object, inputs: Sequence[tuple[str, str]], outputs: Sequence[tuple[str, str]]
) -> object:
    from ai_edge_litert import schema_py_generated as schema

    signature = schema.SignatureDefT()
    signature.signatureKey = b"serving_default"
    signature.subgraphIndex = 0
    signature.inputs = _map(inputs, subgraph.inputs)  # type: ignore[attr-defined] # SubGraphT
    signature.outputs = _map(outputs, subgraph.outputs)  # type: ignore[attr-defined] # SubGraphT
    return signature


def _map(wanted: Sequence[tuple[str, str]], indices: Sequence[int]) -> list[object]:
    from ai_edge_litert import schema_py_generated as schema

    entries: list[object] = []
    for (_, name), index in zip(wanted, indices, strict=True):
        entry = schema.TensorMapT()
        entry.name, entry.tensorIndex = name.encode(), index
        entries.append(entry)
    return entries
