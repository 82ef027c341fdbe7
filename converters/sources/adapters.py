"""Take a torch module as a source, with an adapter merged into its weights where one is given."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from edgekit.converters.finding import CompressionFinding, FindingKind
from edgekit.converters.sources.adapted import AdaptedModule, MergedUpdate, adapted
from edgekit.converters.sources.base import SourceModel, probe_sample
from edgekit.converters.sources.peft_checkpoint import AdapterError, read_checkpoint
from edgekit.converters.sources.shapes import InputShapes
from edgekit.converters.sources.torch_module import TorchReference, from_module

__all__ = ["take_module"]


def take_module(
    module: Any,
    example_inputs: Sequence[Any],
    *,
    adapter: Path | None,
    trust_pickle: bool = False,
    input_shapes: InputShapes | None = None,
    kind: str = "torch-module",
    name: str | None = None,
) -> SourceModel:
    """Take a module as :func:`~edgekit.converters.sources.torch_module.from_module` does.

    Args:
        module: The model that the adapter was trained for; it stays as it is.
        example_inputs: What it takes.
        adapter: Folder of a LoRA adapter as peft saves it, or None.
        trust_pickle: Whether an adapter's weights may be a pickle.
        input_shapes: Shapes that the user fixed.
        kind: What the user gave.
        name: What to call the model.

    Returns:
        A source whose reference computes the adapter beside the weights, not merged.

    Raises:
        SourceError: torch cannot export the module.
        UnreadableFileError: A file of the adapter is missing, damaged or refused.
        AdapterError: The adapter is for another model, of a kind that is not merged exactly, or
            changes nothing.
    """
    name = name or type(module).__name__
    if adapter is None:
        return from_module(module, example_inputs, input_shapes=input_shapes, kind=kind, name=name)
    both = adapted(module, read_checkpoint(adapter, trust_pickle=trust_pickle))
    source = from_module(
        both.merged,
        example_inputs,
        input_shapes=input_shapes,
        kind=kind,
        name=name,
        computes=both.beside,
    )
    _require_change(source, module, adapter)
    return replace(
        source,
        findings=(*source.findings, *_findings(source, both.updates)),
        notices=(*source.notices, *_notices(adapter, both)),
    )


def _require_change(source: SourceModel, module: Any, adapter: Path) -> None:
    """Refuse an adapter with which the model gives what it gives without."""
    if not isinstance(source.reference, TorchReference):
        return  # the outputs are not those of torch
    sample = probe_sample(source.inputs)
    given, without = source.reference.run(sample), source.reference.of(module).run(sample)
    real = [name for name, values in given.items() if values.dtype.kind == "f"]
    if all(np.array_equal(given[name], without[name]) for name in real or given):
        raise AdapterError(
            f"the adapter {adapter.name} changes nothing: every output is the same without it",
            hint="was it trained, and is it the right checkpoint? LoRA begins with factors of zero",
        )


def _notices(adapter: Path, both: AdaptedModule) -> tuple[str, ...]:
    merged = f"the adapter {adapter.name} is merged into {len(both.updates)} weights"
    if not both.replaced:
        return (merged,)
    return (f"{merged}, and replaces {', '.join(both.replaced)}",)


def _findings(
    source: SourceModel, updates: Iterable[MergedUpdate]
) -> tuple[CompressionFinding, ...]:
    import onnx
    from onnx import numpy_helper

    held: dict[tuple[int, bytes], str] = {}
    for item in onnx.load_from_string(source.content).graph.initializer:
        held.setdefault(_fingerprint(numpy_helper.to_array(item)), item.name)
    found = []
    for item in updates:
        update, own = item.update, f"{item.update.module}.weight"
        method = "LoRA" if update.magnitude is None else "DoRA"
        found.append(
            CompressionFinding(
                FindingKind.ADAPTER,
                own,
                f"{method} of rank {update.rank}, scale {update.scale:g}; changes weights by up to "
                f"{item.largest_change:.1%} of the largest",
                {
                    "rank": update.rank,
                    "scale": update.scale,
                    "largest_relative_change": item.largest_change,
                    "low_rank_values": update.values,
                    "merged_tensor": held.get(_fingerprint(item.weights.numpy()), own),
                    "low_rank_tensors": "",
                },
            )
        )
    return tuple(found)


def _fingerprint(values: Any) -> tuple[int, bytes]:
    """Return what values have in common with themselves transposed, as exporters store them."""
    ordered = np.sort(np.asarray(values).reshape(-1))
    return ordered.size, ordered[:: max(1, ordered.size // 64)].tobytes()
