"""`compress`: one method, some training, and what both did in figures."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edgekit.compressing.data import LabelledData, divide
from edgekit.compressing.distilling import TeacherLoss
from edgekit.compressing.errors import CompressionError
from edgekit.compressing.pruning import prune_channels, prune_magnitude
from edgekit.compressing.qat import train_quantized, trained_scales
from edgekit.compressing.recipe import CompressionRecipe, Method
from edgekit.compressing.report import CompressionReport, densities
from edgekit.compressing.training import Training, accuracy, hard_loss
from edgekit.converters.sources.base import first_line
from edgekit.converters.sources.torch_module import import_torch
from edgekit.progress import Progress, SilentProgress

if TYPE_CHECKING:
    from torch import nn

__all__ = ["Compressed", "compress"]


@dataclass(frozen=True, slots=True)
class Compressed:
    """A compressed module and what it took.

    Attributes:
        module: In evaluation mode, ready for :func:`edgekit.build`. Of ``qat`` a ``GraphModule``
            that computes on int8 grids, otherwise of the class that was given.
        report: Figures.
    """

    module: "nn.Module"
    report: CompressionReport


def compress(
    module: "nn.Module",
    recipe: CompressionRecipe | Method | str,
    *,
    data: Any = None,
    train: Callable[["nn.Module"], object] | None = None,
    example_inputs: Any = None,
    teacher: "nn.Module | None" = None,
    progress: Progress | None = None,
) -> Compressed:
    """Compress a trained float classifier on the CPU; the module itself stays as it is.

    Args:
        module: What is compressed; a copy of it, that is.
        recipe: A method with its numbers, or the name of a method alone.
        data: ``(x, y)``: samples ``[count, ...]`` as the module takes them and class indices
            ``[count]``. A part of them is held out and measures accuracy.
        train: A training loop of your own in place of ``data``, for any task: it is called with
            a module and trains it in place.
        example_inputs: With ``train``, for ``channels`` and ``qat``: what the module takes, a
            tuple or the only tensor.
        teacher: With ``data``: a module that gives better scores of the same classes. ``distill``
            needs it; the other methods may have it too, for example the module itself.
        progress: Told how far training is.

    Raises:
        CompressionError: Data, a module or a teacher that do not suit the recipe.
        MissingDependencyError: torch is not installed, or torchao for ``qat``.
    """
    torch = import_torch()
    if not isinstance(recipe, CompressionRecipe):
        recipe = CompressionRecipe(recipe)
    if not isinstance(module, torch.nn.Module) or isinstance(module, torch.fx.GraphModule):
        raise CompressionError(
            f"a {type(module).__name__} cannot be trained here",
            hint="give the torch.nn.Module that it was exported from",
        )
    _check_ways(recipe, data, train, teacher)
    module = _copied(module).eval()
    divided = before = None
    if train is None:
        divided = divide(data, module, held_out=recipe.held_out, seed=recipe.seed)
        before = accuracy(module, divided)
    loss = TeacherLoss(_copied(teacher), recipe) if teacher is not None else hard_loss
    training = divided and Training(divided, recipe, loss, progress or SilentProgress())
    result = _run(module, recipe, train or training, _example(divided, example_inputs))
    qat = recipe.method is Method.QAT
    report = CompressionReport(
        method=Method(recipe.method),
        layers=() if qat else densities(result),
        scales=tuple(trained_scales(result)) if qat else (),
        losses=tuple(training.losses) if training else (),
        held_out=len(divided.held_out_y) if divided else 0,
        accuracy_before=before,
        accuracy_after=accuracy(result, divided) if divided else None,
        interrupted=bool(training and training.interrupted),
    )
    result.eval()
    return Compressed(result, report)


def _run(module: Any, recipe: CompressionRecipe, fit: Any, example: tuple[Any, ...]) -> Any:
    if recipe.method in {Method.CHANNELS, Method.QAT} and not example:
        raise CompressionError(
            f"the method {recipe.method} has to trace the module",
            hint="pass example_inputs=(tensor, ...), one tensor for each argument of forward()",
        )
    match recipe.method:
        case Method.MAGNITUDE:
            prune_magnitude(module, recipe, fit)
        case Method.CHANNELS:
            prune_channels(module, example, recipe, fit)
        case Method.QAT:
            return train_quantized(module, example, fit)
        case Method.DISTILL:
            fit(module)
    return module


def _check_ways(recipe: CompressionRecipe, data: Any, train: Any, teacher: Any) -> None:
    if (data is None) == (train is None):
        raise CompressionError(
            "no data are given" if data is None else "both data and a training loop are given",
            hint="give data=(x, y), or train=callable for a training loop of your own",
        )
    if recipe.method is Method.DISTILL and teacher is None:
        raise CompressionError(
            "there is no teacher to learn from", hint="pass teacher=module (--teacher teacher.py)"
        )
    if teacher is not None and train is not None:
        raise CompressionError(
            "a training loop of your own has no use for a teacher",
            hint="let it compute the loss with the teacher, or give data=(x, y)",
        )
    if teacher is None and (recipe.temperature, recipe.hard_share) != (None, None):
        raise CompressionError(
            "temperature and hard_share are a teacher's, and none is given", hint="pass a teacher"
        )


def _copied(module: Any) -> Any:
    try:
        return copy.deepcopy(module)
    except Exception as error:
        raise CompressionError(
            f"the module cannot be copied: {first_line(error)}",
            hint="copy.deepcopy(module) must work by itself; remove masks and hooks first",
        ) from error


def _example(data: LabelledData | None, given: Any) -> tuple[Any, ...]:
    if data is not None:
        return data.example()
    if given is None:
        return ()
    return tuple(given) if isinstance(given, tuple | list) else (given,)
