"""What can go wrong between a sensor and a decision."""

from edgekit.errors import EdgekitError

__all__ = [
    "ClosedStreamError",
    "ConcurrentUseError",
    "SampleMismatchError",
    "StalledError",
    "StreamSettingError",
]


class StreamSettingError(EdgekitError):
    """A window, threshold or connection that makes no sense."""

    def __init__(self, setting: str, why: str, *, hint: str) -> None:
        super().__init__(f"{setting}: {why}", hint=hint)
        self.setting = setting


class SampleMismatchError(EdgekitError):
    """Samples of another type or shape than the stream was made for, or out of their order."""


class StalledError(EdgekitError):
    """Nothing came from the sensor for longer than the stream waits.

    Attributes:
        waited_s: How long the consumer waited.
        samples: How many samples had come until then.
    """

    def __init__(self, waited_s: float, samples: int) -> None:
        super().__init__(
            f"no sample came for {waited_s:g} s, after {samples} samples",
            hint="see to the sensor, then take the next window as before; discard() first, if "
            "samples from before and after the stall must not share a window",
        )
        self.waited_s = waited_s
        self.samples = samples


class ClosedStreamError(EdgekitError):
    """Samples for a stream that takes no more, or windows of one that was closed."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the stream {why}", hint="make a new WindowStream")


class ConcurrentUseError(EdgekitError):
    """Two threads at once in something whose result depends on the order of calls."""

    def __init__(self, what: str, holder: str, caller: str) -> None:
        super().__init__(
            f"{what} was called by thread '{caller}' while thread '{holder}' was in it",
            hint="its state depends on the order of calls: call it from one thread, "
            "or make one for each stream",
        )
