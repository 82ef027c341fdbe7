"""A ring of samples from which overlapping windows are taken; all the arithmetic, no threads."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.runtime.streaming.errors import StreamSettingError
from edgekit.runtime.streaming.windowing import Window, Windowing

__all__ = ["SampleRing", "StreamCounts", "sliding_windows"]


@dataclass(frozen=True, slots=True)
class StreamCounts:
    """What became of the samples of a stream.

    Where windows touch or overlap (hop at most the window), each sample is in a window that was
    taken, or lost, or waiting: the three add up to ``samples``.

    Attributes:
        samples: How many were put.
        windows: How many windows were taken.
        dropped_windows: How many were dropped, because the consumer was late or by `discard`.
        lost_samples: Samples of dropped windows that are in no window that was taken.
        waiting: Samples from the next window on that no window held yet.
    """

    samples: int
    windows: int
    dropped_windows: int
    lost_samples: int
    waiting: int


class SampleRing:
    """The last samples of a stream, and where its next window starts.

    Sample ``i`` lies at ``i % capacity``. Only those from the start of the next window on are
    kept, so a hop larger than the window costs no memory.

    Args:
        windowing: Which windows there are.
        capacity: How many samples are kept; at least a window.

    Raises:
        StreamSettingError: The capacity is smaller than a window.
    """

    def __init__(self, windowing: Windowing, capacity: int) -> None:
        if capacity < windowing.window:
            raise StreamSettingError(
                "capacity",
                f"{capacity} samples cannot hold a window of {windowing.window}",
                hint="give a window at least, better several",
            )
        self._windowing = windowing
        self._capacity = capacity
        self._data = np.empty((capacity, *windowing.sample_shape), windowing.dtype)
        self._start = self._end = 0  # the next window's first sample; samples put so far
        self._covered = 0  # end of the last window that was taken
        self._skipped = 0  # windows dropped since then
        self._windows = self._dropped = 0
        self._lost = self._lost_until = 0  # counted up to this sample, which may be still to come

    @property
    def room(self) -> int:
        """How many samples can be appended before a window must be taken or dropped."""
        return self._capacity - (self._end - self._start)

    @property
    def ready(self) -> bool:
        """Whether a whole window is there."""
        return self._end - self._start >= self._windowing.window

    @property
    def counts(self) -> StreamCounts:
        """What became of the samples so far."""
        waiting = max(0, self._end - max(self._start, self._covered))
        lost = self._lost - max(0, self._lost_until - self._end)
        return StreamCounts(self._end, self._windows, self._dropped, lost, waiting)

    def append(self, chunk: NDArray[Any]) -> None:
        """Add samples, no more than there is `room` for (not checked here)."""
        kept = chunk[max(0, self._start - self._end) :]
        self._end += len(chunk)
        if not len(kept):
            return
        at = (self._end - len(kept)) % self._capacity
        before_end = min(len(kept), self._capacity - at)
        self._data[at : at + before_end] = kept[:before_end]
        self._data[: len(kept) - before_end] = kept[before_end:]

    def take(self) -> Window:
        """Return the next window, which must be `ready`, and go on by the hop."""
        length = self._windowing.window
        at = self._start % self._capacity
        before_end = min(length, self._capacity - at)
        values = np.empty((length, *self._windowing.sample_shape), self._windowing.dtype)
        values[:before_end] = self._data[at : at + before_end]
        values[before_end:] = self._data[: length - before_end]
        window = Window(self._start, values, self._skipped)
        self._windows += 1
        self._skipped = 0
        self._covered = window.end
        self._start += self._windowing.hop
        return window

    def append_dropping(self, chunk: NDArray[Any]) -> None:
        """Add any number of samples and drop the oldest windows that no longer fit."""
        most = self._capacity
        while len(chunk):
            # Pieces of at most the capacity, so that no sample is dropped before it was counted.
            piece, chunk = chunk[:most], chunk[most:]
            excess = len(piece) - self.room
            if excess > 0:
                self._skip(-(-excess // self._windowing.hop))
            self.append(piece)

    def discard(self) -> None:
        """Drop what waits: the next window is the first that starts at or after the next sample."""
        if self._end > self._start:
            self._skip(-(-(self._end - self._start) // self._windowing.hop))

    def _skip(self, count: int) -> None:
        hop, length = self._windowing.hop, self._windowing.window
        start = self._start
        self._start += count * hop
        self._skipped += count
        self._dropped += count
        if hop <= length:
            self._lost += max(0, self._start - max(start, self._covered))
            self._lost_until = self._start
        else:  # windows apart from one another
            self._lost += count * length
            self._lost_until = self._start - hop + length


def sliding_windows(chunks: Iterable[Any], windowing: Windowing) -> Iterator[Window]:
    """Yield every window of samples that come in chunks of any size, in one thread.

    For a file, or a sensor that is read when one wants; nothing is dropped. What is left at the
    end and fills no window is not yielded.

    Args:
        chunks: Arrays ``[count, *sample_shape]``.
        windowing: Which windows there are.

    Raises:
        SampleMismatchError: A chunk of another type or shape.
    """
    ring = SampleRing(windowing, 2 * windowing.window)
    for given in chunks:
        chunk = windowing.chunk(given)
        while len(chunk):
            room = ring.room
            ring.append(chunk[:room])
            chunk = chunk[room:]
            while ring.ready:
                yield ring.take()
