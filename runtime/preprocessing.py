"""From a picture to the numbers that a model was trained on.

Calibration and inference share these functions, so that both see the same pixels.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.bundle import ImagePreprocessing
from edgekit.errors import MissingDependencyError, UnknownNameError, UnreadableFileError
from edgekit.runtime.errors import PictureError

__all__ = ["is_picture", "load_image", "normalise"]

_RESIZES = ("stretch", "crop", "pad")
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def is_picture(value: Any) -> bool:
    """Return whether `load_image` takes ``value``: uint8 pixels, a Pillow image or a path."""
    if isinstance(value, np.ndarray):
        return bool(value.dtype == np.uint8)
    return isinstance(value, str | Path) or _is_pillow(value)


def load_image(
    source: Any, height: int, width: int, channels: int, resize: str = "stretch"
) -> NDArray[np.uint8]:
    """Return a picture in the size and with the channels of an input.

    Pillow images and files are converted to grey (1 channel), RGB (3) or RGBA (4). Arrays must
    have the input's channels already; one without a channel axis is grey. Nothing is rotated:
    an EXIF orientation is ignored, as training pipelines do. Resizing is Pillow's bilinear
    filter, each channel by itself.

    Args:
        source: uint8 array ``[height, width]`` or ``[height, width, channels]``, a Pillow
            image, or the path of an image file.
        height: Of the result, in pixels.
        width: Of the result, in pixels.
        channels: Of the result.
        resize: ``stretch`` to the size; ``crop``: scale until the picture covers the size, then
            cut its centre out (torchvision's ``Resize`` and ``CenterCrop``); ``pad``: scale
            until the picture fits in, then centre it between zero pixels (Pillow's
            ``ImageOps.pad``).

    Returns:
        uint8 ``[height, width, channels]``.

    Raises:
        PictureError: ``source`` is none of these, is empty, or has other channels.
        UnreadableFileError: The file is missing or no image.
        UnknownNameError: No such ``resize``.
        MissingDependencyError: Pillow is needed, for a file or to resize, and not installed.
    """
    if resize not in _RESIZES:
        raise UnknownNameError("way to resize", resize, _RESIZES)
    pixels = _pixels(source, channels)
    if 0 in pixels.shape:
        raise PictureError("the picture has no pixels", hint=f"its shape is {pixels.shape}")
    if pixels.shape[:2] == (height, width):
        return pixels
    if resize == "crop":
        return _crop(pixels, height, width)
    if resize == "pad":
        return _pad(pixels, height, width)
    return _scale(pixels, height, width)


def normalise(pixels: NDArray[Any], image: ImagePreprocessing) -> NDArray[np.float32]:
    """Return ``(pixels - mean) / std`` in float32.

    Args:
        pixels: Values 0..255, channels on the last axis.
        image: Mean and standard deviation, one for all channels or one for each, in the
            units of the pixels.

    Raises:
        PictureError: There are neither one nor as many means or standard deviations as
            channels, or they are not finite, or a standard deviation is zero.
    """
    mean = _per_channel("mean", image.mean, pixels.shape[-1])
    std = _per_channel("std", image.std, pixels.shape[-1])
    if not std.all():
        raise PictureError(f"std {image.std} has a zero", hint="use 1.0 to leave pixels unscaled")
    values = pixels.astype(np.float32)
    values -= mean
    values /= std
    return values


def _per_channel(what: str, values: tuple[float, ...], channels: int) -> NDArray[np.float32]:
    array = np.asarray(values, np.float32)
    if array.shape not in {(1,), (channels,)}:
        raise PictureError(
            f"{what} {values} does not fit a picture of {channels} channels",
            hint="give one number, or one for each channel",
        )
    if not np.isfinite(array).all():
        raise PictureError(f"{what} {values} is not finite", hint="use units of pixels, 0..255")
    return array


def _is_pillow(value: Any) -> bool:
    return all(hasattr(value, name) for name in ("mode", "convert", "getbands"))


def _pixels(source: Any, channels: int) -> NDArray[np.uint8]:
    if isinstance(source, str | Path):
        return _from_file(Path(source), channels)
    if _is_pillow(source):
        return _from_pillow(source, channels)
    if not (isinstance(source, np.ndarray) and source.dtype == np.uint8):
        given = f"{source.dtype} array" if isinstance(source, np.ndarray) else type(source).__name__
        raise PictureError(
            f"a picture cannot come from a {given}",
            hint="give a uint8 array [height, width, channels], a Pillow image or a file",
        )
    pixels = source[:, :, np.newaxis] if source.ndim == 2 else source
    if pixels.ndim != 3 or pixels.shape[2] != channels:
        raise PictureError(
            f"a uint8 array of shape {source.shape} is no picture of {channels} channels",
            hint=f"its shape must be [height, width, {channels}]"
            + (" or [height, width]" if channels == 1 else ""),
        )
    return pixels


def _from_file(path: Path, channels: int) -> NDArray[np.uint8]:
    pillow = _pillow("reading image files")
    try:
        with pillow.open(path) as image:
            return _from_pillow(image, channels)
    except (OSError, SyntaxError, ValueError, pillow.DecompressionBombError) as error:
        # Pillow's decoders answer a broken file with any of these.
        raise UnreadableFileError(
            path, str(error), hint="give a PNG, JPEG or other image"
        ) from error


def _from_pillow(image: Any, channels: int) -> NDArray[np.uint8]:
    if channels not in _MODES:
        raise PictureError(
            f"an image cannot become an input of {channels} channels",
            hint=f"give a uint8 array [height, width, {channels}]",
        )
    if image.mode[0] in "IF":
        raise PictureError(
            f"an image of mode '{image.mode}' has more than 8 bits a pixel",
            hint="scale it to 0..255 and convert it to mode 'L' first",
        )
    return np.array(image.convert(_MODES[channels]), np.uint8).reshape(
        image.height, image.width, channels
    )


def _crop(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    high, wide = pixels.shape[:2]
    if wide * height > width * high:  # the height decides
        scaled = _scale(pixels, height, wide * height // high)
    else:
        scaled = _scale(pixels, high * width // wide, width)
    top = round((scaled.shape[0] - height) / 2)
    left = round((scaled.shape[1] - width) / 2)
    return np.ascontiguousarray(scaled[top : top + height, left : left + width])


def _pad(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    high, wide = pixels.shape[:2]
    if wide * height > width * high:  # the width decides
        scaled = _scale(pixels, max(1, round(high / wide * width)), width)
    else:
        scaled = _scale(pixels, height, max(1, round(wide / high * height)))
    canvas = np.zeros((height, width, pixels.shape[2]), np.uint8)
    top, left = round((height - scaled.shape[0]) / 2), round((width - scaled.shape[1]) / 2)
    canvas[top : top + scaled.shape[0], left : left + scaled.shape[1]] = scaled
    return canvas


def _scale(pixels: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    pillow = _pillow("resizing pictures")
    # By itself, because Pillow would weigh the colours with an alpha channel.
    channels = [
        pillow.fromarray(np.ascontiguousarray(pixels[:, :, channel])).resize(
            (width, height), pillow.Resampling.BILINEAR
        )
        for channel in range(pixels.shape[2])
    ]
    return np.stack([np.asarray(channel) for channel in channels], axis=2)


def _pillow(purpose: str) -> Any:
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingDependencyError("pillow", extra="convert", purpose=purpose) from error
    return Image
