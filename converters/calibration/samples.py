"""SampleSet: named samples for calibration or evaluation, with where they came from."""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from edgekit.converters.calibration.arrays import match_inputs
from edgekit.converters.calibration.checks import (
    CalibrationWarning,
    check_declarations,
    check_values,
    count_warnings,
    value_warnings,
)
from edgekit.converters.calibration.conform import conform_all
from edgekit.converters.calibration.errors import (
    LabelError,
    NoSamplesError,
    SampleCountError,
)
from edgekit.converters.calibration.spec import (
    Channels,
    InputDeclaration,
    InputSpec,
    SampleLayout,
)

__all__ = [
    "ArrayReader",
    "Channels",
    "InputDeclaration",
    "InputSpec",
    "Sample",
    "SampleLayout",
    "SampleReader",
    "SampleSet",
    "split",
]

Sample = dict[str, NDArray[Any]]

# What the statistical checks look at, at most.
_WATCHED_SAMPLES = 256
_WATCHED_VALUES = 2_000_000


class SampleReader(Protocol):
    """Where samples are kept: in memory, or in files that are decoded one at a time.

    A reader gives every sample in the source model's layout and dtype, and gives the same
    values each time.
    """

    def __len__(self) -> int:
        """Return the number of samples."""

    def read(self, position: int) -> Sample:
        """Return one sample: an array ``spec.shape`` for each input name."""

    def origin(self, position: int) -> str:
        """Return what error messages call a sample: its number in the file, or its file."""


@dataclass(frozen=True, slots=True, eq=False)
class ArrayReader:
    """Samples in memory.

    Attributes:
        arrays: By input name, ``[samples, *spec.shape]``.
        numbers: Numbers of the samples in the file they came from.
    """

    arrays: Mapping[str, NDArray[Any]]
    numbers: Sequence[int]

    def __len__(self) -> int:
        return len(self.numbers)

    def read(self, position: int) -> Sample:
        """Return views of one sample."""
        return {name: array[position] for name, array in self.arrays.items()}

    def origin(self, position: int) -> str:
        """Return the sample's number in its file."""
        return f"sample {self.numbers[position]}"


@dataclass(frozen=True, slots=True, eq=False)
class SampleSet:
    """Named samples in the source model's layout and dtype; iterating reads them in order.

    Attributes:
        inputs: The inputs that every sample has.
        description: Where the samples came from, without folders; for reports.
        reader: Where they are kept.
        positions: Which of the reader's samples belong to this set, in order.
        digests: SHA-256 of each sample.
        warnings: What the user should hear of; printing them is the caller's part.
        labels: One class index a sample, int64, None where there are none.
        label_names: Names of the classes, empty where they are not known.
        overlaps: True for an evaluation set made of the calibration samples.
    """

    inputs: tuple[InputSpec, ...]
    description: str
    reader: SampleReader
    positions: tuple[int, ...]
    digests: tuple[str, ...]
    warnings: tuple[CalibrationWarning, ...]
    labels: NDArray[np.int64] | None = None
    label_names: tuple[str, ...] = ()
    overlaps: bool = False

    @classmethod
    def from_reader(
        cls,
        reader: SampleReader,
        inputs: Sequence[InputSpec],
        description: str,
        *,
        labels: NDArray[np.int64] | None = None,
        label_names: Sequence[str] = (),
    ) -> Self:
        """Read every sample once, check its values and take its hash.

        Raises:
            NoSamplesError: The reader is empty.
            BadValueError: NaN, infinity, or a negative token id.
            CalibrationError: What the reader raises.
        """
        if not len(reader):
            raise NoSamplesError(description)
        digests = []
        for position in range(len(reader)):
            sample = reader.read(position)
            for spec in inputs:
                check_values(sample[spec.name], spec, reader.origin(position))
            digests.append(_digest(sample, inputs))
        positions = tuple(range(len(reader)))
        warnings = _warnings(reader, positions, inputs)
        unlabelled = cls(tuple(inputs), description, reader, positions, tuple(digests), warnings)
        return unlabelled if labels is None else unlabelled.with_labels(labels, label_names)

    @classmethod
    def from_arrays(
        cls,
        arrays: Mapping[str, ArrayLike],
        inputs: Sequence[InputSpec],
        *,
        declarations: Mapping[str, InputDeclaration] | None = None,
        description: str = "arrays in memory",
        labels: ArrayLike | None = None,
        label_names: Sequence[str] = (),
    ) -> Self:
        """Make a set of arrays that hold the samples along their first axis.

        Args:
            arrays: By input name, ``[samples, *shape]`` with or without the batch axis of 1.
            inputs: The model's inputs.
            declarations: Layout and normalisation, by input name.
            description: Where the arrays came from.
            labels: One class index a sample.
            label_names: Names of the classes.

        Raises:
            CalibrationError: Wrong names, shapes, types or values, or no samples.
        """
        declared = check_declarations(declarations, inputs)
        given = {name: np.asarray(array) for name, array in arrays.items()}
        matched = match_inputs(given, inputs, description)
        conformed = conform_all(matched, inputs, declared, description)
        count = len(next(iter(conformed.values())))
        return cls.from_reader(
            ArrayReader(conformed, range(count)),
            inputs,
            description,
            labels=None if labels is None else np.asarray(labels),
            label_names=label_names,
        )

    @property
    def sha256(self) -> str:
        """SHA-256 of the samples' names, types, shapes and values, in order; not of labels."""
        return hashlib.sha256("\n".join(self.digests).encode()).hexdigest()

    @property
    def looks_real(self) -> bool:
        """False when the data look random, constant, or all the same."""
        return not any(warning.code.unreal for warning in self.warnings)

    def __len__(self) -> int:
        return len(self.positions)

    def __iter__(self) -> Iterator[Sample]:
        return (self.reader.read(position) for position in self.positions)

    def __getitem__(self, index: int) -> Sample:
        return self.reader.read(self.positions[index])

    def with_labels(self, labels: NDArray[Any], label_names: Sequence[str] = ()) -> Self:
        """Return the same samples with labels.

        Raises:
            SampleCountError: Not as many labels as samples.
            LabelError: Not integers, negative, or beyond ``label_names``.
        """
        if labels.ndim != 1 or labels.dtype.kind not in "iu":
            raise LabelError(
                self.description, f"{labels.dtype} of shape {labels.shape}, not a list of integers"
            )
        if len(labels) != len(self):
            raise SampleCountError(
                self.description, {"the data": len(self), "the labels": len(labels)}
            )
        if labels.min() < 0 or (label_names and labels.max() >= len(label_names)):
            raise LabelError(
                self.description,
                f"class indices {labels.min()}..{labels.max()}"
                + (f" with {len(label_names)} class names" if label_names else ""),
            )
        return replace(self, labels=labels.astype(np.int64), label_names=tuple(label_names))

    def select(self, indices: Sequence[int], purpose: str) -> Self:
        """Return some of the samples, with their labels and with warnings of their own.

        Args:
            indices: Positions in this set; not empty.
            purpose: What they are for; goes into the description.

        Raises:
            NoSamplesError: ``indices`` is empty.
        """
        if not len(indices):
            raise NoSamplesError(self.description)
        positions = tuple(self.positions[index] for index in indices)
        return replace(
            self,
            description=f"{self.description}, {len(indices)} of {len(self)} for {purpose}",
            positions=positions,
            digests=tuple(self.digests[index] for index in indices),
            warnings=_warnings(self.reader, positions, self.inputs),
            labels=None if self.labels is None else self.labels[list(indices)],
        )


def split(samples: SampleSet, calibration_count: int) -> tuple[SampleSet, SampleSet]:
    """Divide samples into those to calibrate with and those to evaluate on.

    The calibration samples are taken at even distances, so that files sorted by class serve
    every class. The others, in their order, are for evaluation. When there are no more samples
    than ``calibration_count``, both sets are all of them and the second has ``overlaps``.

    Args:
        samples: What to divide.
        calibration_count: How many samples to calibrate with; at least 1.

    Returns:
        The calibration set and the evaluation set.
    """
    if len(samples) <= calibration_count:
        return samples, replace(samples, overlaps=True)
    chosen = [index * len(samples) // calibration_count for index in range(calibration_count)]
    taken = set(chosen)
    others = [index for index in range(len(samples)) if index not in taken]
    return samples.select(chosen, "calibration"), samples.select(others, "evaluation")


def _warnings(
    reader: SampleReader, positions: Sequence[int], inputs: Sequence[InputSpec]
) -> tuple[CalibrationWarning, ...]:
    elements = max(1, *(math.prod(spec.shape) for spec in inputs))
    count = min(_WATCHED_SAMPLES, max(2, _WATCHED_VALUES // elements), len(positions))
    places = np.linspace(0, len(positions) - 1, count).astype(int)
    watched = [reader.read(positions[place]) for place in places]
    stacks = [(spec, np.stack([sample[spec.name] for sample in watched])) for spec in inputs]
    return count_warnings(len(positions)) + value_warnings(stacks)


def _digest(sample: Sample, inputs: Sequence[InputSpec]) -> str:
    digest = hashlib.sha256()
    for spec in inputs:
        digest.update(f"{spec.name}\0{spec.dtype}\0{spec.shape}\0".encode())
        digest.update(np.ascontiguousarray(sample[spec.name]).tobytes())
    return digest.hexdigest()
