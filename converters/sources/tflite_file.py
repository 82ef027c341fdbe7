"""Read a float `.tflite` file from anywhere as a source: fixed shapes, constants folded."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edgekit.converters.graph import (
    Graph,
    MalformedModelError,
    Subgraph,
    keep_description,
    read_graph,
    write_graph,
)
from edgekit.converters.graph.builder import GraphBuilder
from edgekit.converters.graph.flatbuffer import pack_model, unpack_model
from edgekit.converters.sources.base import (
    SourceFormat,
    SourceModel,
    SourceTensor,
    probe_sample,
)
from edgekit.converters.sources.shapes import InputShapes, fix_shape, refuse_unknown_inputs
from edgekit.converters.sources.tflite_checks import refuse_unfit_graph, refuse_unread_parts
from edgekit.converters.sources.tflite_folding import fold_known, refuse_computed_shapes
from edgekit.converters.sources.tflite_reference import TfliteReference
from edgekit.errors import UnreadableFileError

__all__ = ["read_tflite"]


def read_tflite(path: Path, input_shapes: InputShapes) -> SourceModel:
    """Read and check a float TFLite model.

    The reference runs the file as it is, but for open input shapes. The canonical model is the
    same graph with the shapes that a run has shown, and with everything folded that does not
    depend on an input: float16 weights, arithmetic on shapes. Names of tensors, signatures and
    TFLite Metadata stay.

    Raises:
        UnreadableFileError: Not a file, or not a whole TFLite model.
        SourceError: A model that is quantized already, or of a kind that cannot be taken.
        InterpreterError: LiteRT cannot load or run it.
    """
    try:
        content = path.read_bytes()
        model, graph = unpack_model(content), read_graph(content)
    except OSError as error:
        raise UnreadableFileError(path, error.strerror or str(error)) from error
    except MalformedModelError as error:
        raise UnreadableFileError(path, error.message, hint=error.hint) from error
    refuse_unread_parts(path.name, model)
    refuse_unfit_graph(path.name, graph)
    fixed, inputs, notices = _fix_inputs(model, graph.main, input_shapes)
    names = [graph.main.tensors[index].name for index in graph.main.outputs]
    reference = TfliteReference(pack_model(model) if fixed else content, inputs, names)
    values = reference.run_with_inner_tensors(probe_sample(inputs), range(len(graph.main.tensors)))
    folded = fold_known(graph.main, values)
    refuse_computed_shapes(path.name, folded)
    builder = GraphBuilder.of(Graph((folded,)))
    builder.remove_dead()
    canonical = keep_description(graph, builder.finish(graph.main.name))
    return SourceModel(
        kind="tflite",
        name=path.name,
        content=write_graph(canonical),
        inputs=inputs,
        outputs=tuple(
            SourceTensor(item.name, str(item.dtype.numpy), item.shape) for item in builder.outputs
        ),
        reference=reference,
        notices=notices,
        format=SourceFormat.TFLITE,
    )


def _fix_inputs(
    model: Any, main: Subgraph, wanted: InputShapes
) -> tuple[bool, tuple[SourceTensor, ...], tuple[str, ...]]:
    """Fix open input shapes in a schema model; return whether there were any."""
    refuse_unknown_inputs([main.tensors[index].name for index in main.inputs], wanted)
    fixed, inputs, notices = False, [], []
    for index in main.inputs:
        tensor, stored = main.tensors[index], model.subgraphs[0].tensors[index]
        declared = _declared(tensor.shape, stored.shapeSignature)
        shape, notice = fix_shape(tensor.name, declared, wanted.get(tensor.name))
        if any(isinstance(size, str) for size in declared):
            stored.shape, stored.shapeSignature, fixed = list(shape), None, True
        inputs.append(SourceTensor(tensor.name, str(tensor.dtype.numpy), shape))
        notices += [notice] if notice else []
    return fixed, tuple(inputs), tuple(notices)


def _declared(shape: Sequence[int], signature: Sequence[int] | None) -> list[int | str]:
    """Return the sizes of an input, ``?`` where the file leaves one open."""
    given = shape if signature is None or len(signature) != len(shape) else signature
    return [int(size) if size >= 0 else "?" for size in given]
