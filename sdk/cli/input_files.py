"""From files to the values of a bundle's inputs: arrays, single samples of them, pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.bundle import TensorSpec
from edgekit.converters.calibration import InputSpec
from edgekit.converters.calibration.arrays import match_inputs, read_arrays
from edgekit.errors import EdgekitError, UnknownNameError, UnreadableFileError
from edgekit.runtime import ArrayLayout
from edgekit.runtime.inputs import encode, fits_shape

__all__ = ["InputFileError", "every_sample", "one_sample", "raw_samples", "read_input_files"]

_ARRAY_SUFFIXES = (".npy", ".npz")

Values = Mapping[str, NDArray[Any] | Path]
"""By input name: an array, with or without a leading axis of samples, or a picture's path."""


class InputFileError(EdgekitError):
    """Files that are not the inputs of the bundle."""


def raw_samples(
    specs: Sequence[TensorSpec], given: Sequence[str], layout: ArrayLayout
) -> list[dict[str, NDArray[Any]]]:
    """Read every sample of what was given, as the raw arrays that a benchmark takes.

    Args:
        specs: The inputs of the bundle.
        given: As for :func:`read_input_files`; there are no samples where it is empty.
        layout: Whose axes arrays have.

    Raises:
        EdgekitError: As for :func:`read_input_files`, or a value does not fit its input.
    """
    if not given:
        return []
    samples = every_sample(specs, read_input_files(specs, given), layout)
    return [
        {spec.name: encode(spec, sample[spec.name], layout) for spec in specs} for sample in samples
    ]


def read_input_files(specs: Sequence[TensorSpec], given: Sequence[str]) -> Values:
    """Read what was given for each input.

    Args:
        specs: The inputs of the bundle.
        given: ``PATH`` or ``NAME=PATH``. A ``.npy`` or ``.npz`` holds arrays, anything else is
            a picture. A ``.npz`` without a name may hold several inputs, by their names.

    Raises:
        InputFileError: An input was given twice, or a picture for an input that takes none.
        InputNamesError: The names in a ``.npz`` are not those of the inputs.
        UnknownNameError: There is no input of that name.
        UnreadableFileError: A file is missing, damaged, or holds pickled objects.
    """
    named, unnamed = _divide(specs, given)
    values: dict[str, NDArray[Any] | Path] = {}
    for spec, path in named:
        _add(values, _one_input(spec, path))
    for path in unnamed:
        rest = [spec for spec in specs if spec.name not in values]
        if not rest:
            raise InputFileError(f"{path} is for no input, all were given by name")
        _add(values, _unnamed_inputs(rest, path))
    missing = [spec.name for spec in specs if spec.name not in values]
    if missing:
        raise InputFileError(
            f"nothing was given for input '{missing[0]}'",
            hint=f"add -i {missing[0]}=PATH, with a .npy, a .npz or a picture",
        )
    return values


def one_sample(
    specs: Sequence[TensorSpec], values: Values, index: int | None, layout: ArrayLayout
) -> dict[str, Any]:
    """Return one sample of what was read.

    Args:
        specs: The inputs of the bundle.
        values: What `read_input_files` returned.
        index: Which sample to take of arrays with a leading axis of samples; None where they
            have none. Pictures are one sample anyhow.
        layout: Whose axes the arrays have.

    Raises:
        InputFileError: There is no such sample, or several and no index.
    """
    sample: dict[str, Any] = {}
    for spec in specs:
        value = values[spec.name]
        if isinstance(value, np.ndarray):
            value = _chosen(spec, value, index, layout)
        sample[spec.name] = value
    if index is not None and all(isinstance(value, Path) for value in values.values()):
        raise InputFileError("--index chooses a sample of an array, but only pictures were given")
    return sample


def every_sample(
    specs: Sequence[TensorSpec], values: Values, layout: ArrayLayout
) -> list[dict[str, Any]]:
    """Return each sample of what was read.

    Raises:
        InputFileError: The inputs have different numbers of samples.
    """
    columns = {spec.name: _column(spec, values[spec.name], layout) for spec in specs}
    counts = {name: len(column) for name, column in columns.items()}
    if len(set(counts.values())) > 1:
        text = ", ".join(f"{name} has {count}" for name, count in counts.items())
        raise InputFileError(f"the numbers of samples differ: {text}")
    rows = zip(*columns.values(), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _divide(
    specs: Sequence[TensorSpec], given: Sequence[str]
) -> tuple[list[tuple[TensorSpec, Path]], list[Path]]:
    by_name = {spec.name: spec for spec in specs}
    named, unnamed = [], []
    for text in given:
        # Names of tensors hold no "=", paths may: what exists as a whole is a path.
        name, separator, rest = text.partition("=")
        if not separator or (name not in by_name and Path(text).exists()):
            unnamed.append(_existing(text))
        elif name in by_name:
            named.append((by_name[name], _existing(rest)))
        else:
            raise UnknownNameError("input", name, by_name)
    return named, unnamed


def _existing(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_file():
        raise UnreadableFileError(path, "no such file")
    return path


def _add(values: dict[str, NDArray[Any] | Path], found: Values) -> None:
    for name, value in found.items():
        if name in values:
            raise InputFileError(f"input '{name}' was given twice")
        values[name] = value


def _one_input(spec: TensorSpec, path: Path) -> Values:
    if path.suffix.lower() not in _ARRAY_SUFFIXES:
        return {spec.name: _picture(spec, path)}
    arrays = read_arrays(path)
    if spec.name in arrays:
        return {spec.name: arrays[spec.name]}
    return dict(match_inputs(arrays, [_described(spec)], path.name))


def _unnamed_inputs(specs: Sequence[TensorSpec], path: Path) -> Values:
    if path.suffix.lower() in _ARRAY_SUFFIXES:
        arrays = read_arrays(path)
        # Some of the inputs may come from other files.
        present = [spec for spec in specs if spec.name in arrays] or specs
        return dict(match_inputs(arrays, [_described(spec) for spec in present], path.name))
    if len(specs) > 1:
        names = ", ".join(spec.name for spec in specs)
        raise InputFileError(
            f"{path} could be any of the inputs {names}", hint=f"write -i {specs[0].name}={path}"
        )
    return {specs[0].name: _picture(specs[0], path)}


def _picture(spec: TensorSpec, path: Path) -> Path:
    if spec.image is None:
        raise InputFileError(
            f"{path} is no .npy or .npz, and input '{spec.name}' takes no pictures",
            hint="give the values as an array, or declare --mean and --std when building",
        )
    return path


def _described(spec: TensorSpec) -> InputSpec:
    return InputSpec(spec.name, spec.source_dtype, spec.source_shape)


def _chosen(
    spec: TensorSpec, array: NDArray[Any], index: int | None, layout: ArrayLayout
) -> NDArray[Any]:
    turned: ArrayLayout = "source" if layout == "model" else "model"
    if not _is_row(spec, array, layout) and _is_row(spec, array, turned):
        raise InputFileError(
            f"input '{spec.name}': an array of shape {array.shape} has the axes of the {turned} "
            "model",
            hint=f"give --layout {turned}",
        )
    if index is None:
        if _has_several(spec, array, layout):
            raise InputFileError(
                f"input '{spec.name}' has {len(array)} samples",
                hint=f"choose one of them with --index 0 to --index {len(array) - 1}",
            )
        return array
    if not _is_row(spec, array, layout):
        raise InputFileError(
            f"input '{spec.name}': an array of shape {array.shape} is not a row of samples",
            hint="leave out --index for a single sample",
        )
    if index >= len(array):
        raise InputFileError(
            f"input '{spec.name}' has no sample {index}",
            hint=f"there are {len(array)}, the first is --index 0",
        )
    chosen: NDArray[Any] = array[index]
    return chosen


def _column(spec: TensorSpec, value: NDArray[Any] | Path, layout: ArrayLayout) -> Sequence[Any]:
    if isinstance(value, Path) or not _has_several(spec, value, layout):
        return [value]
    return list(value)


def _has_several(spec: TensorSpec, array: NDArray[Any], layout: ArrayLayout) -> bool:
    """Tell whether an array cannot be a single sample, but is a row of them."""
    if _takes_pictures(spec, array):
        return array.ndim == 4 and len(array) != 1
    return _is_row(spec, array, layout) and not fits_shape(array.shape, _shape(spec, layout))


def _is_row(spec: TensorSpec, array: NDArray[Any], layout: ArrayLayout) -> bool:
    """Tell whether what follows the first axis is a sample."""
    if _takes_pictures(spec, array):
        return array.ndim == 4  # of any size
    return fits_shape(array.shape[1:], _shape(spec, layout))


def _takes_pictures(spec: TensorSpec, array: NDArray[Any]) -> bool:
    return spec.image is not None and array.dtype == np.uint8


def _shape(spec: TensorSpec, layout: ArrayLayout) -> tuple[int, ...]:
    return spec.shape if layout == "model" else spec.source_shape
