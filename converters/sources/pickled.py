"""Take a pickled torch module, only when the user says that its origin is trusted."""

import inspect
from pathlib import Path

from edgekit.converters.sources.adapters import take_module
from edgekit.converters.sources.base import SourceError, SourceModel, first_line
from edgekit.converters.sources.shapes import InputShapes
from edgekit.converters.sources.torch_module import import_torch
from edgekit.errors import UnknownNameError, UnreadableFileError

__all__ = ["read_pickled"]


def read_pickled(
    path: Path, shapes: InputShapes, *, trust_pickle: bool, adapter: Path | None = None
) -> SourceModel:
    """Read a module saved by ``torch.save(module, path)``.

    Args:
        path: The file.
        shapes: One shape for each argument of ``forward``, by its name (float32).
        trust_pickle: The user's word that the file, and the adapter's, may run code.
        adapter: Folder of a LoRA adapter for the module.

    Raises:
        UnreadableFileError: Not trusted, damaged, or not a pickle.
        SourceError: It holds no module, or no shapes were given.
        UnknownNameError: ``forward`` has no argument of a name in ``shapes``.
    """
    if not trust_pickle:
        raise UnreadableFileError(
            path,
            "a .pt file is a pickle, which can run any code when loaded",
            hint="save the model with torch.export.save (.pt2), or pass --trust-pickle if you "
            "trust where it comes from",
        )
    torch = import_torch()
    try:
        module = torch.load(path, map_location="cpu", weights_only=False)
    except Exception as error:
        raise UnreadableFileError(
            path, f"torch.load cannot read it: {first_line(error)}"
        ) from error
    if not isinstance(module, torch.nn.Module):
        raise SourceError(
            f"{path.name} holds a {type(module).__name__}, not a module",
            hint="write a .py file whose get_model() makes the module and loads these weights",
        )
    if not shapes:
        raise SourceError(
            f"{path.name} does not say what its inputs look like",
            hint="pass --input-shape NAME:1,3,224,224 for each input",
        )
    arguments = list(inspect.signature(module.forward).parameters)
    for name in shapes:
        if name not in arguments:
            raise UnknownNameError("argument of forward()", name, arguments)
    examples = tuple(torch.zeros(shapes[name]) for name in arguments if name in shapes)
    return take_module(module, examples, adapter=adapter, trust_pickle=trust_pickle, name=path.name)
