"""Compress the model of a Python file on the data of a `.npz`, into a `.pt2`."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgekit.compressing.compressor import compress
from edgekit.compressing.errors import CompressionError
from edgekit.compressing.recipe import CompressionRecipe
from edgekit.compressing.report import CompressionReport
from edgekit.converters.calibration.arrays import LABEL_KEYS, read_arrays
from edgekit.converters.sources.base import first_line
from edgekit.converters.sources.python_file import load_python_file
from edgekit.converters.sources.torch_module import import_torch, quiet_torch
from edgekit.errors import UnreadableFileError
from edgekit.files import atomic_write, check_output
from edgekit.progress import CompressionStage, Progress, SilentProgress

if TYPE_CHECKING:
    from torch import nn

__all__ = ["CompressedFile", "compress_file"]


@dataclass(frozen=True, slots=True)
class CompressedFile:
    """A compressed model that was written.

    Attributes:
        path: A `.pt2`, which :func:`edgekit.build` takes.
        report: What was done, in figures.
    """

    path: Path
    report: CompressionReport


def compress_file(
    model: Path,
    path: Path,
    recipe: CompressionRecipe,
    *,
    data: Path,
    teacher: Path | None = None,
    progress: Progress | None = None,
) -> CompressedFile:
    """Compress a model and write it by ``torch.export.save``, or nothing at all.

    Args:
        model: Python file that defines ``get_model()`` and ``get_args()``; it is run.
        path: The `.pt2` to write; its inputs have the shapes of ``get_args()``.
        recipe: What to do.
        data: A `.npz` with samples and, under ``y``, ``labels`` or ``label``, class indices.
        teacher: Python file that defines another such model; it is run.
        progress: Told of the stages.

    Raises:
        UnreadableFileError: A file that is missing or damaged.
        SourceError: A Python file without a model.
        CompressionError: Data, a model or a teacher that do not suit the recipe, or an output that
            is none.
        WriteError: The result cannot be written.
    """
    torch = import_torch()
    _check_output(path, [item for item in (model, data, teacher) if item])
    progress = progress or SilentProgress()
    progress.stage(CompressionStage.SOURCE)
    module, arguments = _load_module(model)
    x, y = _read_data(data)
    if len(arguments) != 1 or tuple(arguments[0].shape[1:]) != x.shape[1:]:
        shapes = ", ".join(str(list(item.shape)) for item in arguments)
        raise CompressionError(
            f"get_args() of {model} gives {shapes}, but a sample of {data} is {list(x.shape[1:])}",
            hint="the module has to take one tensor: samples, along the first axis",
        )
    guide = _load_module(teacher)[0] if teacher else None
    progress.stage(CompressionStage.TRAIN)
    done = compress(module, recipe, data=(x, y), teacher=guide, progress=progress)
    progress.stage(CompressionStage.WRITE)
    content = io.BytesIO()
    try:
        with quiet_torch():
            torch.export.save(torch.export.export(done.module, arguments), content)
    except Exception as error:
        raise CompressionError(
            f"torch.export cannot trace the compressed module: {first_line(error)}",
            hint="torch.export.export(model, args) must work by itself",
        ) from error
    atomic_write(path, content.getvalue())
    return CompressedFile(path, done.report)


def _check_output(path: Path, given: Sequence[Path]) -> None:
    """Refuse a place for the result before the work, not after it."""
    if path.suffix.lower() != ".pt2":
        raise CompressionError(
            f"the result is a .pt2 file, and {path.name} is another",
            hint=f"give -o {path.with_suffix('.pt2').name}",
        )
    for item in given:
        if path.exists() and item.exists() and path.samefile(item):
            raise CompressionError(f"{path} is what is read", hint="give another -o")
    check_output(path)


def _load_module(path: Path) -> "tuple[nn.Module, tuple[Any, ...]]":
    if not path.is_file():
        raise UnreadableFileError(path, "no such file")
    if path.suffix.lower() != ".py":
        raise CompressionError(
            f"{path.name} is no Python file, and only torch modules can be trained",
            hint="write a .py file that defines get_model() and get_args()",
        )
    module, arguments = load_python_file(path)
    return module, arguments


def _read_data(path: Path) -> tuple[Any, Any]:
    if not path.is_file():
        raise UnreadableFileError(path, "no such file")
    arrays = read_arrays(path)
    samples = [key for key in arrays if key not in LABEL_KEYS]
    labels = [key for key in LABEL_KEYS if key in arrays]
    if len(samples) != 1 or len(labels) != 1:
        raise CompressionError(
            f"{path.name} has the arrays {', '.join(map(repr, arrays))}",
            hint="it needs samples and their classes: numpy.savez(path, x=samples, y=classes)",
        )
    return arrays[samples[0]], arrays[labels[0]]
