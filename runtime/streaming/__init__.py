"""From samples of a sensor to decisions: windows, smoothing, triggers, state from call to call."""

from edgekit.runtime.streaming.errors import (
    ClosedStreamError,
    ConcurrentUseError,
    SampleMismatchError,
    StalledError,
    StreamSettingError,
)
from edgekit.runtime.streaming.ring import StreamCounts, sliding_windows
from edgekit.runtime.streaming.smoothing import MovingAverage
from edgekit.runtime.streaming.spotting import KeywordSpotter
from edgekit.runtime.streaming.stateful import StatefulModel
from edgekit.runtime.streaming.stream import BackPressure, WindowStream
from edgekit.runtime.streaming.trigger import Detection, Trigger
from edgekit.runtime.streaming.windowing import Window, Windowing

__all__ = [
    "BackPressure",
    "ClosedStreamError",
    "ConcurrentUseError",
    "Detection",
    "KeywordSpotter",
    "MovingAverage",
    "SampleMismatchError",
    "StalledError",
    "StatefulModel",
    "StreamCounts",
    "StreamSettingError",
    "Trigger",
    "Window",
    "WindowStream",
    "Windowing",
    "sliding_windows",
]
