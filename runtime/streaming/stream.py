"""Windows of a live sensor: one thread puts samples in, another takes windows out."""

from enum import StrEnum
from threading import Condition
from time import monotonic
from types import TracebackType
from typing import Any, Self

from edgekit.errors import UnknownNameError
from edgekit.runtime.streaming.errors import ClosedStreamError, StalledError, StreamSettingError
from edgekit.runtime.streaming.ring import SampleRing, StreamCounts
from edgekit.runtime.streaming.windowing import Window, Windowing

__all__ = ["BackPressure", "WindowStream"]


class BackPressure(StrEnum):
    """What `WindowStream.put` does when the consumer is late and the ring is full."""

    DROP_OLDEST = "drop_oldest"  # drop the oldest windows, count them: for live sensors
    BLOCK = "block"  # wait until there is room: for files and pipes, which can wait


class WindowStream:
    """The windows of a stream of samples, between a thread that puts and one that takes.

    Iterate over it to take windows. The windows are always some of those that an unlimited
    buffer would give, in their order: what is dropped is dropped as whole windows, each
    sample keeps its number, and no window comes twice. `counts` tells what became of all samples.

    **A sensor that stalls.** When no sample has come for ``stall_timeout_s``, taking raises
    `StalledError`; nothing is lost, and the next attempt waits anew. A window may then hold
    samples from before and after the stall, because the stream knows numbers of samples and not
    their times: call `discard` first where that matters. Without a timeout taking waits forever.

    **Threads.** One thread may put and another may take; both may be the same one only with
    ``DROP_OLDEST``, or as long as what is put fits the capacity. Several threads that take share
    the windows between them; several that put would mix their samples.

    Args:
        windowing: Which windows there are.
        policy: What to do when the ring is full.
        capacity: Samples that the ring holds; None takes eight windows. It bounds the memory and,
            for a live sensor, how late a window can be.
        stall_timeout_s: Seconds without a sample after which taking gives up; None never.

    Raises:
        StreamSettingError: The capacity is smaller than a window, or the timeout not positive.
        UnknownNameError: No such policy.
    """

    def __init__(
        self,
        windowing: Windowing,
        *,
        policy: BackPressure,
        capacity: int | None = None,
        stall_timeout_s: float | None = None,
    ) -> None:
        if policy not in set(BackPressure):
            raise UnknownNameError("policy", str(policy), map(str, BackPressure))
        if stall_timeout_s is not None and not stall_timeout_s > 0:
            raise StreamSettingError(
                "stall_timeout_s", f"{stall_timeout_s} s", hint="give more than 0, or None"
            )
        self.windowing = windowing
        self.policy = policy
        self._timeout_s = stall_timeout_s
        self._ring = SampleRing(windowing, 8 * windowing.window if capacity is None else capacity)
        self._changed = Condition()
        self._arrived_s = monotonic()
        self._ended = self._closed = False

    @property
    def counts(self) -> StreamCounts:
        """What became of the samples so far."""
        with self._changed:
            return self._ring.counts

    def put(self, samples: Any) -> None:
        """Add samples, any number of them.

        Args:
            samples: An array ``[count, *sample_shape]``; it is copied.

        Raises:
            SampleMismatchError: Another type or shape.
            ClosedStreamError: The stream was ended, or closed by the consumer, perhaps while
                this call waited for room.
        """
        chunk = self.windowing.chunk(samples)
        with self._changed:
            self._check_takes_samples()
            if self.policy is BackPressure.DROP_OLDEST:
                self._ring.append_dropping(chunk)
                self._arrived(len(chunk))
                return
            while len(chunk):
                while not self._ring.room:
                    self._changed.wait()
                    self._check_takes_samples()
                piece, chunk = chunk[: self._ring.room], chunk[self._ring.room :]
                self._ring.append(piece)
                self._arrived(len(piece))

    def end(self) -> None:
        """Say that no more samples come: iteration ends after the last whole window."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def discard(self) -> None:
        """Drop all samples that wait: the next window holds only samples that are put later.

        It is the first window that starts at or after the next sample.
        """
        with self._changed:
            self._ring.discard()
            self._changed.notify_all()

    def close(self) -> None:
        """Stop taking: a producer that waits or puts gets `ClosedStreamError`."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Window:
        """Return the next window, waiting for it.

        Raises:
            StalledError: No sample came for the timeout.
            ClosedStreamError: The stream was closed.
        """
        began_s = monotonic()
        with self._changed:
            while not self._closed and not self._ring.ready:
                if self._ended:
                    raise StopIteration
                self._wait(max(began_s, self._arrived_s))
            if self._closed:
                raise ClosedStreamError("was closed")
            window = self._ring.take()
            self._changed.notify_all()
            return window

    def _wait(self, since_s: float) -> None:
        if self._timeout_s is None:
            self._changed.wait()
            return
        left_s = since_s + self._timeout_s - monotonic()
        if left_s <= 0:
            raise StalledError(self._timeout_s, self._ring.counts.samples)
        self._changed.wait(left_s)

    def _arrived(self, count: int) -> None:
        if count:
            self._arrived_s = monotonic()
            self._changed.notify_all()

    def _check_takes_samples(self) -> None:
        if self._closed:
            raise ClosedStreamError("was closed by its consumer")
        if self._ended:
            raise ClosedStreamError("was ended")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
