"""What goes into a bundle: interface descriptions and the files."""

import json
from collections.abc import Mapping, Sequence

from edgekit.bundle import ImagePreprocessing, Manifest, TensorSpec
from edgekit.converters.accuracy import Climb
from edgekit.converters.calibration import InputDeclaration
from edgekit.converters.compression import SettledFinding
from edgekit.converters.engines import Interface, LoweredModel
from edgekit.converters.graph import Graph, MalformedModelError, Tensor
from edgekit.converters.layout import layout_of
from edgekit.converters.parity import ParityReport
from edgekit.converters.plan import QuantizationPlan
from edgekit.converters.sources import SourceModel, SourceTensor
from edgekit.converters.tflite_metadata import with_metadata

__all__ = ["bundle_members", "interface_specs"]


def interface_specs(
    source: SourceModel,
    lowered: LoweredModel,
    graph: Graph,
    declarations: Mapping[str, InputDeclaration],
) -> tuple[tuple[TensorSpec, ...], tuple[TensorSpec, ...]]:
    """Describe the inputs and outputs of the final model, in the source's order."""
    main = graph.main
    images = {name: declared.image for name, declared in declarations.items()}
    inputs = tuple(
        _spec(tensor, item, main.tensors[index], images)
        for tensor, item, index in zip(source.inputs, lowered.inputs, main.inputs, strict=True)
    )
    outputs = tuple(
        _spec(tensor, item, main.tensors[index], {})
        for tensor, item, index in zip(source.outputs, lowered.outputs, main.outputs, strict=True)
    )
    return inputs, outputs


def bundle_members(
    model: bytes,
    manifest: Manifest,
    plan: QuantizationPlan,
    parity: ParityReport,
    findings: Sequence[SettledFinding],
    class_names: Sequence[str],
    accuracy: Climb | None = None,
) -> dict[str, bytes]:
    """Return every file of the bundle but the manifest, by path."""
    described = with_metadata(
        model,
        name=manifest.name,
        inputs=manifest.inputs,
        outputs=manifest.outputs,
        labels=class_names,
    )
    members = {
        "model.tflite": described,
        "plan.json": _json(plan.to_json()),
        "parity.json": _json(parity.to_json()),
    }
    if findings:
        found = [item.to_json() for item in findings]
        members["compression.json"] = _json({"schema_version": 1, "findings": found})
    if accuracy is not None:
        members["accuracy.json"] = _json(accuracy.to_json())
    if class_names:
        members["labels.txt"] = "".join(f"{name}\n" for name in class_names).encode()
    return members


def _spec(
    source: SourceTensor,
    item: Interface,
    tensor: Tensor,
    images: Mapping[str, ImagePreprocessing | None],
) -> TensorSpec:
    dtype = tensor.dtype.numpy
    if tensor.name != source.name or dtype is None:
        raise MalformedModelError(
            f"interface tensor '{tensor.name}' ({tensor.dtype}) stands for '{source.name}'"
        )
    # int32 and int64 tensors carry no scale at the interface; TFLite's scale 0 means none.
    quantization = tensor.quantization
    return TensorSpec(
        name=tensor.name,
        dtype=dtype,
        shape=tensor.shape,
        source_dtype=source.dtype,
        source_shape=source.shape,
        axes=item.axes,
        layout=layout_of(item.axes),
        scale=quantization.scales[0] if quantization else None,
        zero_point=quantization.zero_points[0] if quantization else None,
        image=images.get(source.name),
    )


def _json(data: object) -> bytes:
    return (json.dumps(data, indent=1, sort_keys=True) + "\n").encode()
