"""`.npz` and `.npy` files: read safely, and paired with the model's inputs."""

import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.converters.calibration.errors import InputNamesError
from edgekit.converters.calibration.spec import InputSpec
from edgekit.errors import UnreadableFileError

__all__ = ["LABEL_KEYS", "match_inputs", "read_arrays"]

# Keys of a .npz that hold labels, unless an input of the model has that name.
LABEL_KEYS = ("y", "labels", "label")

_BROKEN_FILE = (
    OSError,
    ValueError,
    EOFError,
    KeyError,
    MemoryError,
    NotImplementedError,  # an unknown compression
    OverflowError,
    RuntimeError,  # an encrypted member
    SyntaxError,  # a header that is no Python literal
    TypeError,
    zipfile.BadZipFile,
    zlib.error,
)


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read every array of a `.npz`, or the one of a `.npy` under the name ``""``.

    Raises:
        UnreadableFileError: Truncated, garbage, or with pickled objects, which are never
            loaded.
    """
    try:
        # Opened here, because np.load(path) leaves a broken archive open.
        with path.open("rb") as file:
            content = np.load(file, allow_pickle=False)
            if isinstance(content, np.ndarray):
                return {"": content}
            with content:
                arrays = {name: content[name] for name in content.files}
    except _BROKEN_FILE as error:
        pickled = str(error).startswith("Object arrays")  # NumPy has no type for it
        raise UnreadableFileError(
            path,
            "it holds Python objects (pickle)" if pickled else "it is truncated or no NumPy file",
            hint="write it with numpy.savez(path, input_name=array) from plain numeric arrays",
        ) from error
    strange = [name for name, array in arrays.items() if not isinstance(array, np.ndarray)]
    if strange:
        raise UnreadableFileError(path, f"its member '{strange[0]}' is no NumPy array")
    return arrays


def match_inputs(
    arrays: Mapping[str, NDArray[Any]], inputs: Sequence[InputSpec], where: str
) -> dict[str, NDArray[Any]]:
    """Pair the arrays of a file with the inputs of a model, by name.

    The keys ``y``, ``labels`` and ``label`` are left out unless an input is called so. What
    remains must be exactly the inputs' names; only where the model has one input and one
    array remains may that be called anything.

    Raises:
        InputNamesError: Names that are no input's, or inputs without an array.
    """
    names = [spec.name for spec in inputs]
    candidates = {
        key: array for key, array in arrays.items() if key in names or key not in LABEL_KEYS
    }
    if len(inputs) == 1 and len(candidates) == 1:
        return {names[0]: next(iter(candidates.values()))}
    if set(candidates) != set(names):
        raise InputNamesError(where, candidates, names)
    return {name: candidates[name] for name in names}
