"""Take a Python file that defines `get_model()` and `get_args()` as a source."""

import runpy
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edgekit.converters.sources.base import SourceError, SourceModel
from edgekit.converters.sources.canonical import InputShapes
from edgekit.converters.sources.torch_module import from_exported_program, from_module, import_torch
from edgekit.errors import UnreadableFileError

__all__ = ["read_python_file"]


def read_python_file(path: Path, input_shapes: InputShapes) -> SourceModel:
    """Run a Python file that the user named and take the model it makes.

    ``get_model()`` returns a ``torch.nn.Module`` or an ``ExportedProgram``; ``get_args()``
    returns the example inputs of the module, as a tuple of tensors.

    Raises:
        UnreadableFileError: The file fails to run.
        SourceError: A function is missing, fails, or returns something else.
    """
    torch = import_torch()
    try:
        names = runpy.run_path(str(path))
    except Exception as error:
        raise UnreadableFileError(path, _where(error, path)) from error
    model = _call(names, "get_model", path)
    if isinstance(model, torch.export.ExportedProgram):
        return from_exported_program(
            model, input_shapes=input_shapes, kind="python-file", name=path.name
        )
    if not isinstance(model, torch.nn.Module):
        raise SourceError(
            f"get_model() of {path} returned a {type(model).__name__}",
            hint="return a torch.nn.Module or a torch.export.ExportedProgram",
        )
    arguments = _call(names, "get_args", path)
    if isinstance(arguments, torch.Tensor):
        arguments = (arguments,)
    return from_module(
        model, arguments, input_shapes=input_shapes, kind="python-file", name=path.name
    )


def _call(names: dict[str, Any], function: str, path: Path) -> Any:
    found: Callable[[], Any] | None = names.get(function)
    if not callable(found):
        raise SourceError(
            f"{path} defines no {function}()",
            hint="define get_model() -> torch.nn.Module and get_args() -> tuple of tensors",
        )
    try:
        return found()
    except Exception as error:
        raise SourceError(f"{function}() failed: {_where(error, path)}") from error


def _where(error: Exception, path: Path) -> str:
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)
    ]
    line = f"line {frames[-1].lineno}: " if frames else ""
    return f"{line}{type(error).__name__}: {error}"
