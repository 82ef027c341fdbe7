"""Windows become detections: scores of a real model, averaged, through a trigger."""

import numpy as np
import pytest

from edgekit.runtime import Model, ValueMismatchError
from edgekit.runtime.streaming import (
    KeywordSpotter,
    StreamSettingError,
    Trigger,
    Window,
    Windowing,
    sliding_windows,
)

LABELS = ("left", "right", "quiet", "x")
THRESHOLDS = {"on": 0.7, "off": 0.3, "refractory_s": 1.0}


@pytest.fixture
def classifier(tmp_path, tflite_models):
    """A model of one sample of four values, whose scores are twice the values."""
    path = tmp_path / "m.edgekit"
    return tflite_models.float_bundle(path, shape=(1, 4), axes=(0, 1))


def spotter(model, **changes):
    trigger = Trigger(LABELS, ignored=("quiet",), **THRESHOLDS)
    return KeywordSpotter(
        model, trigger, **{"smoothing_windows": 2, "sample_period_s": 0.25, **changes}
    )


def windows(rows):
    """A stream of single values that is cut into windows of four."""
    return sliding_windows([np.float32(rows).reshape(-1)], Windowing(4, 4))


def test_smoothed_scores_fire_at_the_end_of_their_window(classifier):
    left, right, quiet = np.eye(4)[:3] / 2
    with Model(classifier) as model:
        spot = spotter(model)
        found = [spot.process(each) for each in windows([quiet, left, left, quiet, right, right])]
    assert [len(each) for each in found] == [0, 0, 1, 0, 0, 1]
    (first,), (second,) = found[2], found[5]
    assert (first.label, first.score, first.time_s) == ("left", 1.0, 3.0)
    assert (second.label, second.score, second.time_s) == ("right", 1.0, 6.0)


def test_windows_that_lie_apart_are_not_averaged(classifier):
    left, quiet = np.float32(np.eye(4)[[0, 2]] / 2)
    with Model(classifier) as model:
        spot = spotter(model)
        assert spot.process(Window(0, quiet, 0)) == ()
        assert [each.label for each in spot.process(Window(40, left, 9))] == ["left"]
        spot.reset()
        assert [each.label for each in spot.process(Window(0, left, 0))] == ["left"]


def test_a_window_has_the_models_axes_but_for_those_of_length_1(tmp_path, tflite_models):
    bundle = tflite_models.float_bundle(tmp_path / "m.edgekit", shape=(1, 1, 4), axes=(0, 1, 2))
    left = np.float32([0.5, 0, 0, 0])
    with Model(bundle) as model:
        spot = spotter(model)
        for number, shape in enumerate([(4,), (4, 1), (1, 1, 4)]):
            spot.reset()
            (found,) = spot.process(Window(4 * number, left.reshape(shape), 0))
            assert found.label == "left"
        with pytest.raises(ValueMismatchError, match="input 'x': the shape is"):
            spot.process(Window(0, np.zeros((2, 2), np.float32), 0))


def test_what_does_not_fit_the_model_is_refused(classifier, tmp_path, tflite_models):
    with Model(classifier) as model:
        with pytest.raises(StreamSettingError, match="the model has 4 scores"):
            KeywordSpotter(
                model, Trigger(["a"], **THRESHOLDS), smoothing_windows=1, sample_period_s=1
            )
        with pytest.raises(StreamSettingError, match="sample_period_s: 0 s"):
            spotter(model, sample_period_s=0)
        with pytest.raises(StreamSettingError, match="windows: 0"):
            spotter(model, smoothing_windows=0)
    with (
        Model(tflite_models.pair_bundle(tmp_path / "pair.edgekit")) as model,
        pytest.raises(StreamSettingError, match="2 inputs and 2 outputs"),
    ):
        spotter(model)
    with (
        Model(tflite_models.float_bundle(tmp_path / "f.edgekit")) as model,
        pytest.raises(StreamSettingError, match="no vector of scores"),
    ):
        spotter(model)
    with (
        Model(tflite_models.conv_bundle(tmp_path / "c.edgekit", labels=list("abcde"))) as model,
        pytest.raises(StreamSettingError, match="named"),
    ):
        KeywordSpotter(
            model, Trigger(list("abced"), **THRESHOLDS), smoothing_windows=1, sample_period_s=1
        )
