"""Keyword spotting: a classifier on sliding windows, smoothed, with a trigger behind it."""

import numpy as np

from edgekit.runtime.model import Model
from edgekit.runtime.streaming.errors import StreamSettingError
from edgekit.runtime.streaming.smoothing import MovingAverage
from edgekit.runtime.streaming.trigger import Detection, Trigger
from edgekit.runtime.streaming.windowing import Window

__all__ = ["KeywordSpotter"]


class KeywordSpotter:
    """Turns windows into detections; for any classifier of events, not only of words.

    After dropped windows the average starts anew, so that it never mixes what lies apart.
    Meant for one thread.

    Args:
        model: A classifier with one input and one vector of scores; it stays the caller's to
            close. Its input has the axes of a window ``[window, *sample_shape]`` in their order,
            with any axes of length 1 between them, such as batch and channel.
        trigger: When a class fires; it has a label for each score.
        smoothing_windows: Over how many windows scores are averaged.
        sample_period_s: Seconds from one sample of the stream to the next.

    Raises:
        StreamSettingError: The model is no such classifier, the trigger has more or fewer labels
            than it has scores or other ones, or the period is not positive.
    """

    def __init__(
        self, model: Model, trigger: Trigger, *, smoothing_windows: int, sample_period_s: float
    ) -> None:
        if len(model.inputs) != 1 or len(model.outputs) != 1:
            raise StreamSettingError(
                f"model '{model.manifest.name}'",
                f"it has {len(model.inputs)} inputs and {len(model.outputs)} outputs, not one each",
                hint="call the model, then a MovingAverage and the Trigger",
            )
        (output,) = model.outputs
        classes = int(np.prod(output.shape))
        if output.shape[-1:] != (classes,):
            raise StreamSettingError(
                f"model '{model.manifest.name}'",
                f"its output of shape {output.shape} is no vector of scores",
                hint="take a classifier",
            )
        if len(trigger.labels) != classes or model.labels not in ((), trigger.labels):
            raise StreamSettingError(
                "trigger",
                f"its labels are {list(trigger.labels)}; the model has {classes} scores"
                + (f" named {list(model.labels)}" if model.labels else ""),
                hint="make it with the model's labels",
            )
        if not sample_period_s > 0:
            raise StreamSettingError("sample_period_s", f"{sample_period_s} s", hint="above 0")
        self._model, self._trigger, self._period_s = model, trigger, sample_period_s
        self._output = output.name
        self._shape = model.inputs[0].shape
        self._axes = _long_axes(self._shape)
        self._average = MovingAverage(smoothing_windows, classes)

    def process(self, window: Window) -> tuple[Detection, ...]:
        """Return what is detected in the next window of the stream.

        Raises:
            ValueMismatchError: The window does not fit the model's input.
            SampleMismatchError: The window ends before the last one, or its scores are not finite.
            InterpreterError: The interpreter refused to run.
            ClosedModelError: The model was closed.
        """
        values = window.values
        if _long_axes(values.shape) == self._axes:
            values = values.reshape(self._shape)
        scores = self._model(values)[self._output].reshape(-1)
        if window.skipped:
            self._average.reset()
        return self._trigger.update(self._average.update(scores), window.end * self._period_s)

    def reset(self) -> None:
        """Start anew, as at the start of another stream."""
        self._average.reset()
        self._trigger.reset()


def _long_axes(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return a shape without the axes of length 1, which order nothing."""
    return tuple(length for length in shape if length != 1)
