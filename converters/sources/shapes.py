"""Input shapes that a model leaves open: fixed by the user, or the batch to 1."""

import math
from collections.abc import Iterable, Mapping, Sequence

from edgekit.converters.sources.base import SourceError
from edgekit.errors import UnknownNameError

__all__ = ["InputShapes", "fix_shape", "refuse_unknown_inputs"]

InputShapes = Mapping[str, tuple[int, ...]]

_MOST_VALUES = 1 << 28  # of one input: 1 GiB of float32, beyond every device


def refuse_unknown_inputs(names: Iterable[str], shapes: InputShapes) -> None:
    """Refuse shapes for what is no input.

    Raises:
        UnknownNameError: Naming the inputs.
    """
    known = list(names)
    for name in shapes:
        if name not in known:
            raise UnknownNameError("input", name, known)


def fix_shape(
    name: str, declared: Sequence[int | str], wanted: Sequence[int] | None
) -> tuple[tuple[int, ...], str | None]:
    """Return an input's fixed shape, and a notice where fixing it was our decision.

    Args:
        name: Of the input.
        declared: Its sizes; text (a name, or ``?``) where one is open.
        wanted: What the user gave, None for nothing.

    Raises:
        SourceError: Sizes other than the batch are open and not given, those given contradict
            the model, or no device could hold the input.
    """
    notice = None
    if wanted is not None:
        shape = _agreeing(name, declared, wanted)
    else:
        shape = tuple(size if isinstance(size, int) else 1 for size in declared)
        dynamic = [axis for axis, size in enumerate(declared) if isinstance(size, str)]
        if dynamic and dynamic != [0]:
            raise SourceError(
                f"input '{name}' has dynamic dimensions: {_comma(declared)}",
                hint=f"fix them, for example --input-shape {name}:{_comma(shape)}",
            )
        if dynamic:
            notice = f"the dynamic batch of input '{name}' is fixed to 1"
    if math.prod(shape) > _MOST_VALUES:
        raise SourceError(
            f"input '{name}' has the shape {_comma(shape)}, more than {_MOST_VALUES} values",
            hint="is the file damaged? else fix a smaller size with --input-shape",
        )
    return shape, notice


def _agreeing(name: str, declared: Sequence[int | str], wanted: Sequence[int]) -> tuple[int, ...]:
    if len(wanted) != len(declared):
        raise SourceError(
            f"--input-shape gives '{name}' {len(wanted)} dimensions, the model has {len(declared)}",
            hint=f"the model declares {name}:{_comma(declared)}",
        )
    pairs = zip(declared, wanted, strict=True)
    if any(isinstance(size, int) and size != given for size, given in pairs):
        raise SourceError(
            f"--input-shape gives '{name}' {_comma(wanted)}, but the model fixes "
            f"{_comma(declared)}",
            hint="give the sizes that the model fixes as they are",
        )
    return tuple(wanted)


def _comma(values: Iterable[int | str]) -> str:
    return ",".join(str(value) for value in values)
