"""Carry what describes a model's interface over to a graph that was made from it."""

from collections.abc import Mapping
from dataclasses import replace

from edgekit.converters.graph.model import Graph, Signature

__all__ = ["TFLITE_METADATA", "keep_description"]

TFLITE_METADATA = "TFLITE_METADATA"
"""Name of the metadata entry that describes inputs and outputs."""


def keep_description(before: Graph, after: Graph) -> Graph:
    """Return ``after`` with the signatures, TFLite Metadata and description of ``before``.

    Other entries of metadata tell how ``before`` was made or which runtime it needs; they
    would not be true any more and are left out.

    Args:
        before: A graph.
        after: A graph of one subgraph whose interface has the same names in the same order.
    """
    metadata = {name: data for name, data in before.metadata.items() if name == TFLITE_METADATA}
    signatures = tuple(
        moved for item in before.signatures if (moved := _signature(before, after, item))
    )
    return replace(
        after,
        signatures=signatures or after.signatures,
        metadata=metadata,
        description=before.description,
    )


def _signature(before: Graph, after: Graph, signature: Signature) -> Signature | None:
    """Return a signature over the same names, None where it reaches behind the interface."""
    indices = {after.main.tensors[i].name: i for i in (*after.main.inputs, *after.main.outputs)}

    def moved(entries: Mapping[str, int]) -> dict[str, int]:
        names = {name: before.main.tensors[index].name for name, index in entries.items()}
        return {name: indices[tensor] for name, tensor in names.items() if tensor in indices}

    inputs, outputs = moved(signature.inputs), moved(signature.outputs)
    if (len(inputs), len(outputs)) != (len(signature.inputs), len(signature.outputs)):
        return None
    return replace(signature, inputs=inputs, outputs=outputs)
