"""Class labels of evaluation samples, for `--labels`."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.converters.calibration.arrays import LABEL_KEYS, read_arrays
from edgekit.converters.calibration.errors import LabelError
from edgekit.converters.calibration.images import list_images
from edgekit.converters.calibration.selection import Selection
from edgekit.errors import UnknownNameError, UnreadableFileError

__all__ = ["labels_among", "load_labels"]

# Longer numbers are no class indices, and would overflow.
_INTEGER = re.compile(r"^[+-]?[0-9]{1,18}$")


def load_labels(source: Path | str, *, label_names: Sequence[str] = ()) -> NDArray[np.int64]:
    """Read one class index a sample.

    Args:
        source: A `.npz` with the key ``y``, ``labels`` or ``label``; a `.npy`; a `.csv` or
            `.txt` with one integer or class name a line; or a folder of pictures with one
            subfolder a class. A slice may follow, as in ``kws_eval.npz[100:]``.
        label_names: Names of the classes in the order of their indices.

    Returns:
        int64, one a sample.

    Raises:
        UnreadableFileError: No such file, garbage, or of an unknown kind.
        LabelError: There are no labels in it, or they are not integers of 0 and more.
        UnknownNameError: A class name that is not one of ``label_names``.
    """
    selection = Selection.parse(source)
    path, suffix = selection.path, selection.path.suffix.lower()
    if path.is_dir():
        labels = list_images(path).labels
        if labels is None:
            raise LabelError(path.name, "the pictures are not in one subfolder a class")
    elif suffix in {".npz", ".npy"}:
        labels = _from_arrays(path)
    elif suffix in {".csv", ".txt"}:
        labels = _from_lines(path, label_names)
    else:
        raise UnreadableFileError(
            path, "not a kind of file that holds labels", hint="use .npz, .npy, .csv or .txt"
        )
    chosen = labels[list(selection.of(len(labels)))]
    if not len(chosen):
        raise LabelError(selection.name, f"it selects none of {len(labels)} labels")
    if label_names and chosen.max() >= len(label_names):
        raise LabelError(
            selection.name,
            f"class index {chosen.max()} with {len(label_names)} class names",
        )
    return chosen


def labels_among(
    arrays: Mapping[str, NDArray[Any]], inputs: Sequence[str], count: int
) -> NDArray[np.int64] | None:
    """Return the labels that stand beside the samples in a `.npz`, None where there are none."""
    for key in LABEL_KEYS:
        if key in arrays and key not in inputs:
            array = arrays[key]
            if array.shape == (count,) and array.dtype.kind in "iu" and (array >= 0).all():
                return array.astype(np.int64)
    return None


def _from_arrays(path: Path) -> NDArray[np.int64]:
    arrays = read_arrays(path)
    found = [arrays[key] for key in ("", *LABEL_KEYS) if key in arrays]
    if not found:
        raise LabelError(
            path.name, f"no key {', '.join(LABEL_KEYS)} among {', '.join(arrays) or 'nothing'}"
        )
    labels = found[0]
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        raise LabelError(path.name, f"{labels.dtype} of shape {found[0].shape}")
    return _checked(path, labels)


def _from_lines(path: Path, label_names: Sequence[str]) -> NDArray[np.int64]:
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").strip().splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFileError(path, "it is no text file") from error
    if "" in lines:
        raise LabelError(path.name, f"line {lines.index('') + 1} is empty")
    strange = [line for line in lines if not _INTEGER.match(line)]
    if not strange:
        return _checked(path, np.array([int(line) for line in lines], np.int64))
    if not label_names:
        raise LabelError(path.name, f"'{strange[0]}' is no integer, and no class names are given")
    indices = {name: index for index, name in enumerate(label_names)}
    for line in lines:
        if line not in indices:
            raise UnknownNameError(f"class name in {path.name}", line, indices)
    return np.array([indices[line] for line in lines], np.int64)


def _checked(path: Path, labels: NDArray[Any]) -> NDArray[np.int64]:
    if labels.size and labels.min() < 0:
        raise LabelError(path.name, f"class index {labels.min()} is negative")
    return labels.astype(np.int64)
