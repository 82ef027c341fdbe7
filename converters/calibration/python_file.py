"""Samples from a Python file of the user's that defines `get_calibration_data()`."""

import runpy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.converters.calibration.arrays import match_inputs
from edgekit.converters.calibration.conform import conform_all
from edgekit.converters.calibration.errors import (
    CalibrationError,
    NoSamplesError,
    ScriptError,
)
from edgekit.converters.calibration.samples import ArrayReader, Sample
from edgekit.converters.calibration.selection import Selection
from edgekit.converters.calibration.spec import InputDeclaration, InputSpec
from edgekit.converters.user_code import as_if_run, failing_line

__all__ = ["FUNCTION", "read_python_file"]

FUNCTION = "get_calibration_data"


def read_python_file(
    selection: Selection,
    inputs: Sequence[InputSpec],
    declarations: Mapping[str, InputDeclaration],
) -> ArrayReader:
    """Run the file in this process and collect what its `get_calibration_data()` gives.

    The function takes no arguments. It returns a dict of arrays, which hold the samples along
    their first axis; or it returns or yields items, each of them a dict by input name, a tuple
    or list in input order, or an array for a model with one input. An item is one sample, with
    or without its batch axis, or a batch of several. What the file prints goes to stderr.

    Raises:
        ScriptError: The file or its function fails, with file and line; or there is no such
            function; or an item is none of the above.
        CalibrationError: An item does not fit the inputs.
        NoSamplesError: Nothing was given.
    """
    path = selection.path
    with as_if_run(path):
        with _script_errors(path):
            function = runpy.run_path(str(path)).get(FUNCTION)
        if not callable(function):
            raise ScriptError(
                path, f"it defines no function {FUNCTION}()", hint=f"add: def {FUNCTION}(): ..."
            )
        with _script_errors(path):
            given = function()
        items = [given] if isinstance(given, Mapping) else _iterate(path, given)
        samples = _samples(path, items, inputs, declarations)
        read = list(islice(samples, selection.end))
    chosen = selection.of(len(read))
    if not chosen:
        raise NoSamplesError(selection.name)
    arrays = {
        spec.name: np.stack([read[number][spec.name] for number in chosen]) for spec in inputs
    }
    return ArrayReader(arrays, chosen)


@contextmanager
def _script_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (Exception, SystemExit) as error:
        line = failing_line(error, path)
        raise ScriptError(path, f"{type(error).__name__}: {error}", line=line) from error


def _iterate(path: Path, given: Any) -> Iterator[Any]:
    if not isinstance(given, Iterable):
        raise ScriptError(
            path,
            f"{FUNCTION}() gave {type(given).__name__}, which holds no samples",
            hint="return a dict of arrays, or yield one sample after the other",
        )
    with _script_errors(path):
        iterator = iter(given)
    while True:
        with _script_errors(path):
            try:
                item = next(iterator)
            except StopIteration:
                return
        yield item


def _samples(
    path: Path,
    items: Iterable[Any],
    inputs: Sequence[InputSpec],
    declarations: Mapping[str, InputDeclaration],
) -> Iterator[Sample]:
    for number, item in enumerate(items):
        where = f"{path.name}, item {number}"
        arrays = match_inputs(_named(path, where, item, inputs), inputs, where)
        batches = {spec.name: _as_batch(arrays[spec.name], spec) for spec in inputs}
        try:
            conformed = conform_all(batches, inputs, declarations, where)
        except CalibrationError as error:
            raise ScriptError(path, f"item {number}: {error.message}", hint=error.hint) from error
        for index in range(len(next(iter(conformed.values())))):
            yield {name: array[index] for name, array in conformed.items()}


def _named(
    path: Path, where: str, item: Any, inputs: Sequence[InputSpec]
) -> dict[str, NDArray[Any]]:
    """Return the arrays of an item by input name."""
    if isinstance(item, Mapping):
        named = dict(item)
    else:
        members = list(item) if isinstance(item, tuple | list) else [item]
        if len(members) != len(inputs):
            raise ScriptError(
                path,
                f"{where} has {len(members)} arrays, the model's inputs are {len(inputs)}: "
                + ", ".join(spec.name for spec in inputs),
                hint="yield a tuple in the order of the inputs, or a dict by their names; "
                "labels do not belong in",
            )
        named = {spec.name: member for spec, member in zip(inputs, members, strict=True)}
    with _script_errors(path):
        return {str(name): np.asarray(member) for name, member in named.items()}


def _as_batch(array: NDArray[Any], spec: InputSpec) -> NDArray[Any]:
    """Put a sample axis in front of a lone sample that has no batch axis."""
    lone = len(spec.shape) - 1 if spec.has_batch_axis else len(spec.shape)
    return array[np.newaxis] if array.ndim == lone else array
