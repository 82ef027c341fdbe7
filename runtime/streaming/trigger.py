"""From smoothed scores to events: thresholds with hysteresis and a refractory time, by class."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import UnknownNameError
from edgekit.runtime.streaming.errors import SampleMismatchError, StreamSettingError

__all__ = ["Detection", "Trigger"]


@dataclass(frozen=True, slots=True)
class Detection:
    """A class was heard, seen or felt.

    Attributes:
        label: The class.
        score: Its smoothed score when it fired.
        time_s: When, in seconds of the stream: the end of the window that made it fire.
    """

    label: str
    score: float
    time_s: float


class Trigger:
    """Fires once for each time that a class rises, not once for each window.

    A class fires when its score is at or above ``on``, if since it last fired (or since the
    start) its score was once below ``off``, and at least ``refractory_s`` passed. At the start
    every class can fire. A class that rises again within its refractory time fires when that
    ends, if it is still at or above ``on`` then.

    The two thresholds are those of a Schmitt trigger; a time in which nothing fires is what
    TensorFlow's speech commands example (``recognize_commands``) calls suppression. There it
    holds for all classes at once; here for each by itself, so that two words can follow quickly.

    Args:
        labels: The classes, in the order of the scores.
        on: Threshold to fire, for all classes or by label.
        off: Threshold to fire again, at most ``on``, for all classes or by label.
        refractory_s: Least seconds from one firing to the next, for all classes or by label.
        ignored: Classes that never fire, such as silence.

    Raises:
        StreamSettingError: Labels are missing or double, thresholds are not numbers or in the
            wrong order, a time is negative, or a mapping leaves out a class.
        UnknownNameError: A mapping or ``ignored`` names another class.
    """

    def __init__(
        self,
        labels: Sequence[str],
        *,
        on: float | Mapping[str, float],
        off: float | Mapping[str, float],
        refractory_s: float | Mapping[str, float],
        ignored: Iterable[str] = (),
    ) -> None:
        self.labels = tuple(labels)
        if not self.labels or len(set(self.labels)) != len(self.labels):
            raise StreamSettingError(
                "labels", f"{list(self.labels)}", hint="give each class a name of its own"
            )
        skipped = frozenset(ignored)
        for label in skipped:
            self._check_label(label)
        self._on = self._by_class("on", on, skipped)
        self._off = self._by_class("off", off, skipped)
        self._refractory_s = self._by_class("refractory_s", refractory_s, skipped)
        for label, high, low in zip(self.labels, self._on, self._off, strict=True):
            if label not in skipped and low > high:
                raise StreamSettingError(
                    "off", f"{low} is above on={high} for '{label}'", hint="give at most `on`"
                )
        if (self._refractory_s < 0).any():
            raise StreamSettingError("refractory_s", "it is negative", hint="give 0 or more")
        self._watched = np.array([label not in skipped for label in self.labels])
        self._time_s = -math.inf
        self.reset()

    def update(self, scores: NDArray[np.floating], time_s: float) -> tuple[Detection, ...]:
        """Return what fires now, in the order of the classes.

        Args:
            scores: ``[classes]``.
            time_s: Seconds since the start of the stream; never less than before.

        Raises:
            SampleMismatchError: Another number of scores, one that is not a number, or a time
                before the last one.
        """
        if scores.shape != self._on.shape or np.isnan(scores).any():
            raise SampleMismatchError(
                f"scores of shape {scores.shape} were given, {len(self.labels)} numbers are taken",
                hint="give one score for each label",
            )
        if not time_s >= self._time_s:
            raise SampleMismatchError(
                f"time {time_s} s came after {self._time_s} s", hint="reset() before a new stream"
            )
        self._time_s = time_s
        self._armed |= scores < self._off
        rested = time_s - self._fired_s >= self._refractory_s
        fires = self._watched & self._armed & rested & (scores >= self._on)
        self._armed &= ~fires
        self._fired_s[fires] = time_s
        return tuple(
            Detection(self.labels[index], float(scores[index]), time_s)
            for index in np.flatnonzero(fires)
        )

    def reset(self) -> None:
        """Start anew: every class can fire at once, and time may start again."""
        self._armed = np.ones(len(self.labels), bool)
        self._fired_s = np.full(len(self.labels), -np.inf)
        self._time_s = -math.inf

    def _by_class(
        self, name: str, given: float | Mapping[str, float], ignored: frozenset[str]
    ) -> NDArray[np.float64]:
        if isinstance(given, Mapping):
            for label in given:
                self._check_label(label)
            missing = [
                label for label in self.labels if label not in given and label not in ignored
            ]
            if missing:
                raise StreamSettingError(
                    name, f"none is given for {', '.join(missing)}", hint="or list them as ignored"
                )
            values = [given.get(label, 0.0) for label in self.labels]
        else:
            values = [given] * len(self.labels)
        for value in values:
            if not math.isfinite(value):
                raise StreamSettingError(name, f"{value} is no number", hint="give a finite one")
        return np.array(values, np.float64)

    def _check_label(self, label: str) -> None:
        if label not in self.labels:
            raise UnknownNameError("class", label, self.labels)
