"""From what a user has (floats, pictures, integers) to exactly the tensor that a model takes."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from edgekit.bundle import ImagePreprocessing, Layout, TensorSpec
from edgekit.errors import UnknownNameError
from edgekit.runtime.errors import PictureError, QuantizationError, ValueMismatchError
from edgekit.runtime.preprocessing import is_picture, load_image, normalise
from edgekit.runtime.quantization import quantize

__all__ = ["ArrayLayout", "encode", "fits_shape"]

ArrayLayout = Literal["model", "source"]

_PICTURE_CHANNELS = (1, 3, 4)  # grey, RGB, RGBA


def encode(spec: TensorSpec, value: Any, layout: ArrayLayout = "model") -> NDArray[Any]:
    """Return ``value`` as an array of the tensor's type and shape.

    Args:
        spec: The input.
        value: As `edgekit.runtime.Model` documents it.
        layout: Whose axes an array has: those of ``model.tflite`` or the source model's.

    Raises:
        ValueMismatchError: The value's type, shape or range does not fit the input.
        UnknownNameError: No such layout.
    """
    if layout not in {"model", "source"}:
        raise UnknownNameError("layout", layout, ("model", "source"))
    if spec.image is not None and is_picture(value):
        array: NDArray[Any] = _picture(spec, spec.image, value, layout)
    else:
        array = _arranged(spec, _as_array(spec, value), layout)
    if spec.scale is not None:
        return _quantized(spec, array)
    if np.issubdtype(spec.dtype, np.floating):
        return _floating(spec, array)
    if np.issubdtype(spec.dtype, np.integer):
        return _integers(spec, array)
    if array.dtype != spec.dtype:
        raise _wrong_type(spec, array, f"{spec.dtype} values")
    return array


def _as_array(spec: TensorSpec, value: Any) -> NDArray[Any]:
    if is_picture(value) and not isinstance(value, np.ndarray):
        raise ValueMismatchError(
            _label(spec),
            f"a picture ({type(value).__name__}) was given, but no preprocessing is declared",
            hint="give an array of the values that the source model takes, "
            "or declare the preprocessing when building",
        )
    try:
        return np.asarray(value)
    except ValueError as error:
        raise ValueMismatchError(
            _label(spec), f"not an array: {error}", hint=f"its shape must be {spec.shape}"
        ) from error


def _arranged(spec: TensorSpec, array: NDArray[Any], layout: ArrayLayout) -> NDArray[Any]:
    wanted, other = spec.shape, spec.source_shape
    if layout == "source":
        wanted, other = other, wanted
    if fits_shape(array.shape, wanted):
        array = array.reshape(wanted)
        return array.transpose(spec.axes) if layout == "source" else array
    hint = f"a missing batch axis of 1 is added, nothing else; layout='{layout}' was assumed"
    if fits_shape(array.shape, other):
        given = "source" if layout == "model" else "model"
        hint = f"this is the {given} model's order of axes: give layout='{given}'"
    raise ValueMismatchError(
        _label(spec), f"the shape is {array.shape}, it must be {wanted}", hint=hint
    )


def fits_shape(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Tell whether an array has the wanted shape, but for a batch axis of 1 that may be missing."""
    return shape == wanted or (wanted[:1] == (1,) and shape == wanted[1:])


def _picture(
    spec: TensorSpec, image: ImagePreprocessing, value: Any, layout: ArrayLayout
) -> NDArray[np.float32]:
    if layout == "source" and isinstance(value, np.ndarray) and value.ndim in {3, 4}:
        value = _channels_last(spec, value)
    pictures = list(value) if isinstance(value, np.ndarray) and value.ndim == 4 else [value]
    batch, height, width, channels = spec.shape
    if len(pictures) != batch:
        raise ValueMismatchError(
            _label(spec),
            f"{len(pictures)} pictures were given, the model takes {batch} at a time",
            hint="run the model once for each",
        )
    try:
        pixels = [load_image(each, height, width, channels, image.resize) for each in pictures]
        return normalise(np.stack(pixels), image)
    except PictureError as error:
        hint = error.hint
        if layout == "model" and isinstance(value, np.ndarray) and value.ndim in {3, 4}:
            moved = _channels_last(spec, value)
            if value.shape[-1] != channels == moved.shape[-1]:
                hint = "this is the source model's order of axes: give layout='source'"
        if spec.layout is Layout.SOURCE and spec.shape[1] in _PICTURE_CHANNELS:
            hint = (
                f"the model kept the source's axes, shape {spec.shape}, and pictures have their "
                "channels last: give an array of that shape, (pixel - mean) / std as floats"
            )
        raise ValueMismatchError(_label(spec), error.message, hint=hint) from error


def _channels_last(spec: TensorSpec, value: NDArray[Any]) -> NDArray[Any]:
    batch = value if value.ndim == 4 else value[np.newaxis]
    return batch.transpose(spec.axes)


def _quantized(spec: TensorSpec, array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype == spec.dtype:
        return array
    if not np.issubdtype(array.dtype, np.floating):
        raise _wrong_type(spec, array, f"real numbers (floats) or raw {spec.dtype} integers")
    assert spec.scale is not None
    try:
        return quantize(array, spec.dtype, spec.scale, spec.zero_point or 0)
    except QuantizationError as error:
        raise ValueMismatchError(_label(spec), error.message, hint=error.hint) from error


def _floating(spec: TensorSpec, array: NDArray[Any]) -> NDArray[Any]:
    if not np.issubdtype(array.dtype, np.floating):
        raise _wrong_type(spec, array, "real numbers (floats)")
    with np.errstate(over="ignore"):
        return array.astype(spec.dtype, copy=False)


def _integers(spec: TensorSpec, array: NDArray[Any]) -> NDArray[Any]:
    if not np.issubdtype(array.dtype, np.integer):
        raise _wrong_type(spec, array, "integers")
    info = np.iinfo(spec.dtype)
    low, high = int(array.min(initial=0)), int(array.max(initial=0))
    if low < info.min or high > info.max:
        raise ValueMismatchError(
            _label(spec),
            f"the values {low} to {high} do not fit {spec.dtype}",
            hint=f"they must lie between {info.min} and {info.max}",
        )
    return array.astype(spec.dtype, copy=False)


def _wrong_type(spec: TensorSpec, array: NDArray[Any], takes: str) -> ValueMismatchError:
    hint = "convert it first, for example with .astype('float32'), if the values mean that"
    if array.dtype == np.uint8 and spec.scale is not None:
        hint = "no picture preprocessing is declared: normalise the pixels as in training"
    return ValueMismatchError(
        _label(spec), f"a {array.dtype} array was given, it takes {takes}", hint=hint
    )


def _label(spec: TensorSpec) -> str:
    return f"input '{spec.name}'"
