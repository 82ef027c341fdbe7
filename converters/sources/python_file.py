"""Take a Python file that defines `get_model()` and `get_args()` as a source."""

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edgekit.converters.sources.adapters import take_module
from edgekit.converters.sources.base import SourceError, SourceModel, first_line
from edgekit.converters.sources.shapes import InputShapes
from edgekit.converters.sources.torch_module import from_exported_program, import_torch
from edgekit.converters.user_code import as_if_run, failing_line
from edgekit.errors import UnreadableFileError

__all__ = ["load_python_file", "read_python_file"]


def read_python_file(
    path: Path,
    input_shapes: InputShapes,
    *,
    adapter: Path | None = None,
    trust_pickle: bool = False,
) -> SourceModel:
    """Run a Python file that the user named and take the model it makes as a source.

    Args:
        path: See :func:`load_python_file`.
        input_shapes: Shapes that the user fixed.
        adapter: Folder of a LoRA adapter for the module that it makes.
        trust_pickle: The user's word that the adapter's file may run code.

    Raises:
        UnreadableFileError: The file fails to run.
        SourceError: A function is missing, fails, or returns something else; an adapter that
            does not go with the model.
    """
    torch = import_torch()
    model, arguments = load_python_file(path)
    if isinstance(model, torch.export.ExportedProgram):
        if adapter is not None:
            raise SourceError(
                "an adapter goes onto a torch module, not onto an ExportedProgram",
                hint=f"let get_model() of {path} return the module that it was trained for",
            )
        return from_exported_program(
            model, input_shapes=input_shapes, kind="python-file", name=path.name
        )
    return take_module(
        model,
        arguments,
        adapter=adapter,
        trust_pickle=trust_pickle,
        input_shapes=input_shapes,
        kind="python-file",
        name=path.name,
    )


def load_python_file(path: Path) -> tuple[Any, tuple[Any, ...]]:
    """Run a Python file that the user named: its model, and the example inputs of a module.

    ``get_model()`` returns a ``torch.nn.Module`` or an ``ExportedProgram``; ``get_args()``
    returns the example inputs of the module, as a tuple of tensors.

    Raises:
        UnreadableFileError: The file fails to run.
        SourceError: A function is missing, fails, or returns something else.
    """
    torch = import_torch()
    with as_if_run(path):
        try:
            names = runpy.run_path(str(path))
        except (Exception, SystemExit) as error:
            raise UnreadableFileError(path, _where(error, path)) from error
        model = _call(names, "get_model", path)
        arguments = _arguments(names, path) if isinstance(model, torch.nn.Module) else ()
    if not isinstance(model, torch.nn.Module | torch.export.ExportedProgram):
        raise SourceError(
            f"get_model() of {path} returned a {type(model).__name__}",
            hint="return a torch.nn.Module or a torch.export.ExportedProgram",
        )
    return model, arguments


def _call(names: dict[str, Any], function: str, path: Path) -> Any:
    found: Callable[[], Any] | None = names.get(function)
    if not callable(found):
        raise SourceError(
            f"{path} defines no {function}()",
            hint="define get_model() -> torch.nn.Module and get_args() -> tuple of tensors",
        )
    try:
        return found()
    except (Exception, SystemExit) as error:
        raise SourceError(f"{function}() of {path} failed: {_where(error, path)}") from error


def _arguments(names: dict[str, Any], path: Path) -> tuple[Any, ...]:
    import torch

    given = _call(names, "get_args", path)
    if isinstance(given, torch.Tensor):
        return (given,)
    if not isinstance(given, tuple | list) or not given:
        raise SourceError(
            f"get_args() of {path} returned a {type(given).__name__}",
            hint="return a tuple of tensors, one for each argument of forward()",
        )
    return tuple(given)


def _where(error: BaseException, path: Path) -> str:
    line = failing_line(error, path)
    return f"{f'line {line}: ' if line else ''}{type(error).__name__}: {first_line(error)}"
