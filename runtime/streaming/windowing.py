"""How a stream of samples is cut into windows: length, hop, and the samples' shape and type."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.runtime.streaming.errors import SampleMismatchError, StreamSettingError

__all__ = ["Window", "Windowing"]


@dataclass(frozen=True, slots=True)
class Windowing:
    """Which windows a stream has: number ``k`` is samples ``[k * hop, k * hop + window)``.

    A hop smaller than the window makes windows overlap, a larger one leaves samples out.

    Attributes:
        window: Length of a window in samples.
        hop: Samples from the start of one window to the start of the next.
        sample_shape: Shape of one sample: ``()`` for a microphone, ``(3,)`` for an
            accelerometer, ``(10, 1)`` for ten features of a network that has a channel axis.
        dtype: Type of the samples, as NumPy names it.

    Raises:
        StreamSettingError: A length is not positive, or the type does not exist.
    """

    window: int
    hop: int
    sample_shape: tuple[int, ...] = ()
    dtype: str = "float32"

    def __post_init__(self) -> None:
        for name, value in (("window", self.window), ("hop", self.hop)):
            if value < 1:
                raise StreamSettingError(name, f"{value} samples", hint="give 1 or more")
        if any(length < 1 for length in self.sample_shape):
            raise StreamSettingError(
                "sample_shape", f"{self.sample_shape} holds no values", hint="give lengths above 0"
            )
        try:
            known = np.dtype(self.dtype).kind in "fiub"
        except TypeError:
            known = False
        if not known:
            raise StreamSettingError(
                "dtype", f"{self.dtype!r} is no type of numbers", hint="for example 'float32'"
            )

    def chunk(self, samples: Any) -> NDArray[Any]:
        """Return samples as an array ``[count, *sample_shape]`` of the stream's type.

        Floats of another precision are converted; anything else must fit without loss.

        Raises:
            SampleMismatchError: Another type or shape.
        """
        try:
            array = np.asarray(samples)
        except ValueError as error:
            raise SampleMismatchError(f"samples are no array: {error}") from error
        if array.ndim == 0 or array.shape[1:] != self.sample_shape:
            axes = "".join(f", {length}" for length in self.sample_shape)
            raise SampleMismatchError(
                f"samples of shape {array.shape} were put, [count{axes}] is taken",
                hint="a single sample needs a leading axis of 1: sample[np.newaxis]",
            )
        wanted = np.dtype(self.dtype)
        floats = array.dtype.kind == wanted.kind == "f"
        if not floats and array.size and not np.can_cast(array.dtype, wanted, "safe"):
            raise SampleMismatchError(
                f"{array.dtype} samples were put into a stream of {wanted}",
                hint="convert them first, if the values mean that",
            )
        return array.astype(wanted, copy=False)


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Successive samples that are processed together.

    Attributes:
        first: Number of the first sample, counted from the start of the stream.
        values: The samples ``[window, *sample_shape]``; the receiver's own.
        skipped: How many windows right before this one were dropped.
    """

    first: int
    values: NDArray[Any]
    skipped: int

    @property
    def end(self) -> int:
        """Number of the sample after the last one."""
        return self.first + len(self.values)
