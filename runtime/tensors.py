"""Raw tensors as they are given and taken: by name, and of exactly one type and shape."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from edgekit.bundle import TensorSpec
from edgekit.runtime.errors import ValueMismatchError

__all__ = ["RawTensor", "by_name"]


class RawTensor:
    """The exact type and shape of an input or output.

    Attributes:
        kind: ``input`` or ``output``.
        name: Its name in the manifest.
        dtype: Type of its values in ``model.tflite``.
        shape: Shape in ``model.tflite``.
    """

    __slots__ = ("dtype", "kind", "name", "shape")

    def __init__(self, kind: str, spec: TensorSpec) -> None:
        self.kind, self.name = kind, spec.name
        self.dtype, self.shape = np.dtype(spec.dtype), spec.shape

    def check(self, array: Any, *, writeable: bool = False) -> None:
        """Refuse anything but an array of this type and shape.

        Raises:
            ValueMismatchError: It is something else, or ``writeable`` and cannot be written to.
        """
        if (
            isinstance(array, np.ndarray)
            and array.dtype == self.dtype
            and array.shape == self.shape
            and (not writeable or array.flags.writeable)
        ):
            return
        given = type(array).__name__
        if isinstance(array, np.ndarray):
            read_only = "read-only " if writeable and not array.flags.writeable else ""
            given = f"{read_only}{array.dtype} array of shape {array.shape}"
        raise ValueMismatchError(
            f"{self.kind} '{self.name}'",
            f"a {given} was given, exactly {self.dtype} of shape {self.shape} is taken",
            hint="call the model itself to have natural values converted",
        )


def by_name(kind: str, raws: Sequence[RawTensor], given: Any) -> Sequence[Any]:
    """Return what was given for each of ``raws``: one value by itself, several by name.

    Raises:
        ValueMismatchError: A name is missing or unknown, or there are several and no names.
    """
    # Arrays first: asking whether one is a Mapping takes a good part of a microsecond.
    if isinstance(given, np.ndarray) or not isinstance(given, Mapping):
        if len(raws) == 1:
            return (given,)
        names = ", ".join(raw.name for raw in raws)
        raise ValueMismatchError(
            f"{kind}s", f"the model has {len(raws)}: {names}", hint="give a mapping by name"
        )
    for raw in raws:
        if raw.name not in given:
            raise ValueMismatchError(
                f"{kind} '{raw.name}'", "it was not given", hint="give all by name"
            )
    known = [raw.name for raw in raws]
    for name in given:
        if name not in known:
            raise ValueMismatchError(
                f"{kind} '{name}'", "the model has none of this name", hint=f"it has {known}"
            )
    return [given[name] for name in known]
