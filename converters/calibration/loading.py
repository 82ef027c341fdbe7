"""One door for all kinds of calibration and evaluation data."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from edgekit.converters.calibration.arrays import match_inputs, read_arrays
from edgekit.converters.calibration.checks import check_declarations
from edgekit.converters.calibration.conform import conform_all
from edgekit.converters.calibration.errors import NoSamplesError, SampleCountError
from edgekit.converters.calibration.images import image_reader, list_images
from edgekit.converters.calibration.labels import labels_among
from edgekit.converters.calibration.python_file import read_python_file
from edgekit.converters.calibration.samples import ArrayReader, SampleSet
from edgekit.converters.calibration.selection import Selection
from edgekit.converters.calibration.spec import InputDeclaration, InputSpec
from edgekit.errors import UnreadableFileError

__all__ = ["SOURCE_HELP", "load_samples"]

# For the help texts of options that take samples.
SOURCE_HELP = (
    "A .npz or .npy, a folder of pictures, or a .py file that defines get_calibration_data(). "
    "A Python slice may follow: data.npz[:100] is the first 100 samples, data.npz[100:] the others."
)


def load_samples(
    source: Path | str,
    inputs: Sequence[InputSpec],
    *,
    declarations: Mapping[str, InputDeclaration] | None = None,
    limit: int | None = None,
) -> SampleSet:
    """Read samples for calibration or evaluation, and check every one of them.

    Args:
        source: A `.npz` (keys are input names), a `.npy`, a folder of pictures, or a `.py`
            file that defines ``get_calibration_data()``, which is run. A Python slice may
            follow, as in ``kws_eval.npz[:100]``.
        inputs: The model's inputs.
        declarations: Layout and normalisation, by input name.
        limit: At most this many samples, the first of those selected.

    Returns:
        The samples, with labels where the source has them (class folders; key ``y``,
        ``labels`` or ``label`` of a `.npz`).

    Raises:
        CalibrationError: No samples, or samples that do not fit; the message names the
            input, the sample, and the option to pass.
        UnreadableFileError: Missing, truncated, garbage, pickled, or of an unknown kind.
        UnknownNameError: A declaration for an input that the model does not have.
    """
    declared = check_declarations(declarations, inputs)
    selection = Selection.parse(source, limit=limit)
    suffix = selection.path.suffix.lower()
    if selection.path.is_dir():
        return _from_folder(selection, inputs, declared)
    if suffix in {".npz", ".npy"}:
        return _from_arrays(selection, inputs, declared)
    if suffix == ".py":
        reader = read_python_file(selection, inputs, declared)
        return SampleSet.from_reader(reader, inputs, f"{selection.name} ({len(reader)} samples)")
    raise UnreadableFileError(selection.path, "not a kind of data", hint=f"give {SOURCE_HELP}")


def _from_folder(
    selection: Selection,
    inputs: Sequence[InputSpec],
    declarations: Mapping[str, InputDeclaration],
) -> SampleSet:
    folder = list_images(selection.path)
    chosen = _chosen(selection, len(folder.paths))
    return SampleSet.from_reader(
        image_reader(folder, chosen, inputs, declarations),
        inputs,
        _description(selection, len(chosen), len(folder.paths)),
        labels=None if folder.labels is None else folder.labels[list(chosen)],
        label_names=folder.label_names,
    )


def _from_arrays(
    selection: Selection,
    inputs: Sequence[InputSpec],
    declarations: Mapping[str, InputDeclaration],
) -> SampleSet:
    arrays = read_arrays(selection.path)
    matched = match_inputs(arrays, inputs, selection.name)
    counts = {name: len(array) if array.ndim else 0 for name, array in matched.items()}
    if len(set(counts.values())) > 1:
        raise SampleCountError(selection.name, counts)
    count = next(iter(counts.values()))
    chosen = _chosen(selection, count)
    part = slice(chosen.start, chosen.stop if chosen.stop >= 0 else None, chosen.step)
    conformed = conform_all(
        {name: array[part] for name, array in matched.items()},
        inputs,
        declarations,
        selection.name,
        chosen,
    )
    labels = labels_among(arrays, [spec.name for spec in inputs], count)
    return SampleSet.from_reader(
        ArrayReader(conformed, chosen),
        inputs,
        _description(selection, len(chosen), count),
        labels=None if labels is None else labels[part],
    )


def _chosen(selection: Selection, count: int) -> range:
    chosen = selection.of(count)
    if not chosen:
        raise NoSamplesError(f"{selection.name} ({count} samples in {selection.path.name})")
    return chosen


def _description(selection: Selection, chosen: int, count: int) -> str:
    return f"{selection.name} ({chosen} of {count} samples)"
