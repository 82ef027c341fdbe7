"""Open whatever the user named as a source, by what it is."""

import importlib.util
from pathlib import Path
from typing import Any

from edgekit.converters.sources.base import SourceError, SourceModel
from edgekit.converters.sources.shapes import InputShapes
from edgekit.errors import MissingDependencyError, UnreadableFileError

__all__ = ["open_source"]

_WITH_MODULES = (".py", ".pt", ".pth")


def open_source(
    source: Any,
    *,
    example_inputs: Any = None,
    input_shapes: InputShapes | None = None,
    trust_pickle: bool = False,
    adapter: str | Path | None = None,
) -> SourceModel:
    """Open a model as a source.

    Args:
        source: Path of an `.onnx`, `.tflite`, `.pt2`, `.pt`/`.pth` or `.py` file, a
            ``torch.nn.Module``, or a ``torch.export.ExportedProgram``.
        example_inputs: What the module takes: a tuple with one entry for each argument of
            ``forward``, or the only tensor; for a ``torch.nn.Module`` only.
        input_shapes: Shapes for dynamic dimensions, and the inputs of a pickled module, by
            input name.
        trust_pickle: Load pickled modules, which can run any code.
        adapter: Folder of a LoRA adapter, as the peft package saves it, for a module.

    Raises:
        SourceError: Unknown kind of model, or one that cannot be converted; an adapter that does
            not go with it.
        UnreadableFileError: A file that is missing, damaged or refused.
    """
    shapes = input_shapes or {}
    _require_onnx()
    folder = None if adapter is None else Path(adapter)
    if isinstance(source, str | Path):
        return _open_file(Path(source), shapes, trust_pickle=trust_pickle, adapter=folder)
    from edgekit.converters.sources.adapters import take_module
    from edgekit.converters.sources.torch_module import from_exported_program, import_torch

    torch = import_torch()
    if isinstance(source, torch.export.ExportedProgram):
        _require_module("an ExportedProgram", folder)
        return from_exported_program(source, input_shapes=shapes)
    if isinstance(source, torch.nn.Module):
        if isinstance(example_inputs, torch.Tensor):
            example_inputs = (example_inputs,)
        if not example_inputs:
            raise SourceError(
                f"the module {type(source).__name__} came without example inputs",
                hint="pass example_inputs=(tensor, ...), one tensor for each argument of forward()",
            )
        return take_module(
            source,
            example_inputs,
            adapter=folder,
            trust_pickle=trust_pickle,
            input_shapes=shapes,
        )
    raise SourceError(
        f"a {type(source).__name__} is not a model edgekit can open",
        hint="give a path, a torch.nn.Module or a torch.export.ExportedProgram",
    )


def _require_module(given: str, adapter: Path | None) -> None:
    if adapter is not None:
        raise SourceError(
            f"an adapter goes onto a torch module, not onto {given}",
            hint="give a .py file whose get_model() returns the module that it was trained for",
        )


def _open_file(
    path: Path, shapes: InputShapes, *, trust_pickle: bool, adapter: Path | None
) -> SourceModel:
    if not path.is_file():
        raise UnreadableFileError(path, "no such file")
    if path.suffix.lower() not in _WITH_MODULES:
        _require_module(path.name, adapter)
    match path.suffix.lower():
        case ".onnx":
            from edgekit.converters.sources.onnx_file import read_onnx

            return read_onnx(path, shapes)
        case ".tflite":
            from edgekit.converters.sources.tflite_file import read_tflite

            return read_tflite(path, shapes)
        case ".pt2":
            from edgekit.converters.sources.torch_module import read_pt2

            return read_pt2(path, shapes, trust_pickle=trust_pickle)
        case ".pt" | ".pth":
            from edgekit.converters.sources.pickled import read_pickled

            return read_pickled(path, shapes, trust_pickle=trust_pickle, adapter=adapter)
        case ".py":
            from edgekit.converters.sources.python_file import read_python_file

            return read_python_file(path, shapes, adapter=adapter, trust_pickle=trust_pickle)
    raise SourceError(
        f"{path.name} is of no kind that edgekit can open",
        hint="give an .onnx, .tflite, .pt2 or .py file (a .pt pickle with --trust-pickle)",
    )


def _require_onnx() -> None:
    for package in ("onnx", "onnxruntime"):
        if importlib.util.find_spec(package) is None:
            raise MissingDependencyError(package, extra="convert", purpose="converting a model")
