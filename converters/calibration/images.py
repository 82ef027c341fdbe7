"""A folder of pictures as samples: found in a fixed order, decoded one at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.bundle.manifest import ImagePreprocessing
from edgekit.converters.calibration.errors import (
    CalibrationError,
    DeclarationError,
    NoSamplesError,
)
from edgekit.converters.calibration.samples import Sample
from edgekit.converters.calibration.spec import Channels, InputDeclaration, InputSpec
from edgekit.errors import UnreadableFileError
from edgekit.runtime.errors import PictureError
from edgekit.runtime.preprocessing import load_image, normalise

__all__ = ["ImageFolder", "ImageReader", "image_reader", "list_images"]

_SUFFIXES = frozenset(
    {".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}
)
_PICTURE_CHANNELS = (1, 3, 4)


@dataclass(frozen=True, slots=True, eq=False)
class ImageFolder:
    """The pictures of a folder, not yet decoded.

    Attributes:
        root: The folder.
        paths: The pictures, in the order of the samples.
        labels: Class index of each picture, None where the folder has no class folders.
        label_names: Names of the class folders, sorted.
    """

    root: Path
    paths: tuple[Path, ...]
    labels: NDArray[np.int64] | None = None
    label_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImageReader:
    """Pictures that become samples when they are read.

    Attributes:
        root: The folder, for messages.
        paths: The pictures.
        spec: The one input of the model.
        image: Resizing and normalisation.
        channels: Where the source model has its channels.
    """

    root: Path
    paths: tuple[Path, ...]
    spec: InputSpec
    image: ImagePreprocessing
    channels: Channels

    def __len__(self) -> int:
        return len(self.paths)

    def read(self, position: int) -> Sample:
        """Decode one picture.

        Raises:
            UnreadableFileError: It is truncated, garbage, or of an unusable kind.
            DeclarationError: The declared mean or std does not fit the channels.
        """
        height, width, depth = _picture_shape(self.spec, self.channels)
        path = self.paths[position]
        try:
            pixels = load_image(path, height, width, depth, self.image.resize)
        except PictureError as error:
            raise UnreadableFileError(path, error.message, hint=error.hint) from error
        values: NDArray[np.generic] = pixels
        if self.spec.is_float:
            try:
                values = normalise(pixels, self.image)
            except PictureError as error:
                raise DeclarationError(
                    self.spec.name, error.message, hint=f"--mean/--std: {error.hint}"
                ) from error
        if self.channels is Channels.FIRST:
            values = np.moveaxis(values, -1, 0)
        return {self.spec.name: np.ascontiguousarray(values[np.newaxis], self.spec.numpy)}

    def origin(self, position: int) -> str:
        """Return the picture's path inside the folder."""
        return self.paths[position].relative_to(self.root).as_posix()


def list_images(folder: Path) -> ImageFolder:
    """Find the pictures of a folder, by their suffixes; other and hidden files are left out.

    A folder holds either pictures or one subfolder a class. Class indices follow the sorted
    names of the subfolders. The classes take turns in the order of the samples (first picture
    of each class, then the second, ...), so that ``[:100]`` holds samples of every class.

    Raises:
        NoSamplesError: There are no pictures.
        CalibrationError: Pictures beside subfolders with pictures, or a subfolder without any.
    """
    pictures = _pictures_in(folder)
    classes = {
        entry.name: _pictures_in(entry)
        for entry in _entries(folder)
        if entry.is_dir() and not entry.name.startswith((".", "__"))
    }
    if not pictures and not any(classes.values()):
        raise NoSamplesError(str(folder))
    if pictures and any(classes.values()):
        raise CalibrationError(
            f"{folder} holds pictures and subfolders with pictures",
            hint="keep either all pictures in the folder, or one subfolder a class",
        )
    if pictures:
        return ImageFolder(folder, tuple(pictures))
    empty = [name for name, members in classes.items() if not members]
    if empty:
        raise CalibrationError(
            f"{folder}: the class folder '{empty[0]}' holds no pictures",
            hint="subfolder names are the classes: remove it, or put its pictures in",
        )
    rounds = zip_longest(*classes.values())
    turns = [
        (path, index) for turn in rounds for index, path in enumerate(turn) if path is not None
    ]
    return ImageFolder(
        folder,
        tuple(path for path, _ in turns),
        np.array([index for _, index in turns], np.int64),
        tuple(classes),
    )


def image_reader(
    folder: ImageFolder,
    chosen: Sequence[int],
    inputs: Sequence[InputSpec],
    declarations: Mapping[str, InputDeclaration],
) -> ImageReader:
    """Return the reader of some of a folder's pictures for a model with one picture input.

    Raises:
        CalibrationError: The model has several inputs.
        DeclarationError: The input is no picture, or takes floats and no mean and standard
            deviation are declared.
    """
    if len(inputs) != 1:
        raise CalibrationError(
            f"{folder.root.name} is a folder of pictures, but the model has {len(inputs)} inputs: "
            + ", ".join(spec.name for spec in inputs),
            hint="give a .npz with one array an input, or a .py file with get_calibration_data()",
        )
    spec = inputs[0]
    declaration = declarations.get(spec.name, InputDeclaration())
    image = declaration.image
    if image is None:
        if spec.is_float:
            raise DeclarationError(
                spec.name,
                "nothing says how pictures become numbers",
                hint="pass --mean/--std in pixel units: --mean 0 --std 255 for 0..1, "
                "--mean 0 --std 1 for 0..255, --mean 123.675,116.28,103.53 --std "
                "58.395,57.12,57.375 for ImageNet",
            )
        image = ImagePreprocessing()
    _picture_shape(spec, declaration.source_channels)
    paths = tuple(folder.paths[index] for index in chosen)
    return ImageReader(folder.root, paths, spec, image, declaration.source_channels)


def _pictures_in(folder: Path) -> list[Path]:
    return [
        entry
        for entry in _entries(folder)
        if entry.suffix.lower() in _SUFFIXES and not entry.name.startswith(".") and entry.is_file()
    ]


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise UnreadableFileError(folder, error.strerror or str(error)) from error


def _picture_shape(spec: InputSpec, channels: Channels) -> tuple[int, int, int]:
    """Return height, width and channels of a picture input."""
    if len(spec.shape) == 4 and spec.has_batch_axis and spec.dtype != "int8":
        first, last = spec.shape[1], spec.shape[3]
        if channels is Channels.FIRST and first in _PICTURE_CHANNELS:
            return spec.shape[2], spec.shape[3], first
        if channels is Channels.LAST and last in _PICTURE_CHANNELS:
            return spec.shape[1], spec.shape[2], last
        other = first if channels is Channels.LAST else last
        if other in _PICTURE_CHANNELS:
            turned = Channels.FIRST if channels is Channels.LAST else Channels.LAST
            raise DeclarationError(
                spec.name,
                f"its shape {spec.shape} with channels {channels} is no picture",
                hint=f"the model has its channels {turned}: pass "
                f"--source-channels {spec.name}={turned}",
            )
    raise DeclarationError(
        spec.name,
        f"{spec.dtype} of shape {spec.shape} is no picture of 1, 3 or 4 channels",
        hint="give the samples as a .npz or .npy, or with a .py file",
    )
