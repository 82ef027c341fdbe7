"""From the user's arrays to the source model's layout and dtype, as declared."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.converters.calibration.errors import (
    BadValueError,
    DeclarationError,
    DtypeMismatchError,
    SampleCountError,
    ShapeMismatchError,
)
from edgekit.converters.calibration.spec import (
    Channels,
    InputDeclaration,
    InputSpec,
    SampleLayout,
)
from edgekit.runtime.errors import PictureError
from edgekit.runtime.preprocessing import normalise

__all__ = ["conform", "conform_all"]


def conform_all(
    arrays: Mapping[str, NDArray[Any]],
    inputs: Sequence[InputSpec],
    declarations: Mapping[str, InputDeclaration],
    where: str,
    positions: Sequence[int] | None = None,
) -> dict[str, NDArray[Any]]:
    """Bring one array an input to the source's layout and dtype.

    Args:
        arrays: By input name, as `match_inputs` returns them.
        inputs: The model's inputs.
        declarations: By input name; an input without one has the defaults.
        where: What error messages call the data.
        positions: The numbers of the samples in the file, for error messages.

    Returns:
        By input name, ``[samples, *spec.shape]``.

    Raises:
        CalibrationError: See `conform`; or the inputs have different numbers of samples.
    """
    conformed = {
        spec.name: conform(
            arrays[spec.name], spec, declarations.get(spec.name, InputDeclaration()), positions
        )
        for spec in inputs
    }
    counts = {name: len(array) for name, array in conformed.items()}
    if len(set(counts.values())) > 1:
        raise SampleCountError(where, counts)
    return conformed


def conform(
    array: NDArray[Any],
    spec: InputSpec,
    declaration: InputDeclaration,
    positions: Sequence[int] | None = None,
) -> NDArray[Any]:
    """Bring the samples of one input to its layout and dtype.

    Accepted shapes: ``[samples, *shape]``, and ``[samples, *shape[1:]]`` when the input's
    shape begins with a batch axis of 1; with declared channels-last data the same with the
    channels moved last. The number of axes tells the two apart, so nothing is guessed.

    Accepted types: floats for a float input; integers and booleans for an integer or boolean
    input when every value fits; uint8 for a float input when normalisation is declared.

    Returns:
        ``[samples, *spec.shape]`` of type ``spec.dtype``.

    Raises:
        ShapeMismatchError: Another shape; when only the other layout would fit, the hint
            names the option.
        DtypeMismatchError: A type that cannot become the input's without a decision.
        BadValueError: An integer out of the input's range.
        DeclarationError: The declared layout or normalisation does not fit the input.
    """
    _check_declaration(spec, declaration)
    samples = _with_batch_axis(array, spec, declaration)
    # Of the channels: behind the axes of the samples and of the batch, or the last.
    first, last = 2 if spec.has_batch_axis else 1, samples.ndim - 1
    if declaration.image is not None and spec.is_float and samples.dtype == np.uint8:
        moved = declaration.transposes or declaration.source_channels is Channels.LAST
        axis = last if moved or last <= first else first
        samples = _normalised(samples, axis, spec, declaration)
    if declaration.transposes:
        samples = np.moveaxis(samples, last, first)
    return np.ascontiguousarray(_convert(samples, spec, positions))


def _check_declaration(spec: InputSpec, declaration: InputDeclaration) -> None:
    if declaration.transposes and not (spec.has_batch_axis and len(spec.shape) >= 3):
        raise DeclarationError(
            spec.name,
            f"channels-last data were declared, but its shape {spec.shape} has no channel axis",
            hint=f"leave out {spec.option}",
        )


def _with_batch_axis(
    array: NDArray[Any], spec: InputSpec, declaration: InputDeclaration
) -> NDArray[Any]:
    other = _channels_last(spec.shape)
    wanted = other if declaration.transposes else spec.shape
    if _fits(array.shape, wanted, batch=spec.has_batch_axis):
        without_batch = array.ndim == len(wanted)
        return array[:, np.newaxis] if without_batch else array
    expected = [_pattern(wanted)]
    if spec.has_batch_axis:
        expected.insert(0, _pattern(wanted[1:]))
    hint = f"one sample of the model's input is {spec.shape}: stack samples along a first axis"
    if declaration.transposes and _fits(array.shape, spec.shape, batch=spec.has_batch_axis):
        hint = f"the data have the source's layout already: leave out {spec.option}"
    elif (
        declaration.layout is SampleLayout.SOURCE
        and declaration.source_channels is Channels.FIRST
        and len(spec.shape) >= 3
        and _fits(array.shape, other, batch=spec.has_batch_axis)
    ):
        hint = f"the data have their channels last: pass {spec.option}"
    raise ShapeMismatchError(spec.name, array.shape, expected, hint=hint)


def _channels_last(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (*shape[:1], *shape[2:], *shape[1:2])


def _fits(given: tuple[int, ...], shape: tuple[int, ...], *, batch: bool) -> bool:
    return given[1:] == shape or (batch and len(given) == len(shape) and given[1:] == shape[1:])


def _pattern(shape: tuple[int, ...]) -> str:
    return f"[samples{''.join(f', {size}' for size in shape)}]"


def _normalised(
    samples: NDArray[Any], axis: int, spec: InputSpec, declaration: InputDeclaration
) -> NDArray[Any]:
    assert declaration.image is not None
    try:
        values = normalise(np.moveaxis(samples, axis, -1), declaration.image)
    except PictureError as error:
        raise DeclarationError(
            spec.name, error.message, hint=f"--mean/--std: {error.hint}"
        ) from error
    return np.moveaxis(values, -1, axis)


def _convert(
    samples: NDArray[Any], spec: InputSpec, positions: Sequence[int] | None
) -> NDArray[Any]:
    given, target = samples.dtype, spec.numpy
    if given == target:
        return samples
    if given.kind == "f" and target.kind == "f":
        with np.errstate(over="ignore"):  # the infinity is reported with its sample
            return samples.astype(target)
    if given.kind in "iub" and target.kind in "iub":
        return _converted_integers(samples, spec, positions)
    raise DtypeMismatchError(spec.name, str(given), spec.dtype, hint=_dtype_hint(given, target))


def _dtype_hint(given: np.dtype[Any], target: np.dtype[Any]) -> str:
    if given == np.uint8 and target.kind == "f":
        return (
            "say how pixels become numbers with --mean/--std in pixel units: --mean 0 --std 255 "
            "for 0..1, --mean 0 --std 1 for 0..255"
        )
    if given.kind in "iub":
        return f"write the data as {target}, scaled as in training"
    if given.kind == "f":
        return f"write the data as integers ({target}), not as floats: array.astype('{target}')"
    return f"write the data as a plain array of {target}"


def _converted_integers(
    samples: NDArray[Any], spec: InputSpec, positions: Sequence[int] | None
) -> NDArray[Any]:
    target = spec.numpy
    low, high = (
        (0, 1) if target.kind == "b" else (np.iinfo(spec.dtype).min, np.iinfo(spec.dtype).max)
    )
    outside = np.zeros(samples.shape, bool)
    if samples.dtype.kind != "b":
        bounds = np.iinfo(samples.dtype)
        # Only bounds that the given type can express are compared: others cannot be passed.
        if low > bounds.min:
            outside |= samples < low
        if high < bounds.max:
            outside |= samples > high
    if outside.any():
        where = np.unravel_index(int(outside.argmax()), samples.shape)
        number = int(where[0]) if positions is None else positions[int(where[0])]
        raise BadValueError(
            spec.name,
            f"sample {number}",
            f"{int(samples[where])} does not fit {spec.dtype} ({low}..{high})",
            hint="check that the data belong to this model",
        )
    return samples.astype(target)
