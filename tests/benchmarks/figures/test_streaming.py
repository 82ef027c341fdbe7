"""The streaming figure: a short recording through its two passes, and what the record says."""

import json
from pathlib import Path

import numpy as np
import pytest

from edgekit.benchmarks import Measurement, Provenance
from edgekit.runtime import Model
from edgekit.runtime.streaming import BackPressure, Detection, KeywordSpotter, Trigger, Windowing

RECORD = Path(__file__).parents[3] / "docs" / "figures" / "streaming.json"
LABELS = tuple("abcde")


@pytest.fixture
def streaming(script):
    return script("streaming")


@pytest.mark.parametrize("speed", [1000.0, None])
def test_every_window_is_processed_once(streaming, tmp_path, tflite_models, speed):
    frames = np.random.default_rng(2).uniform(-1, 1, (20_000, 6, 3)).astype(np.float32)
    recording = streaming.Recording(frames, ())
    windowing = Windowing(window=4, hop=3, sample_shape=(6, 3))
    with Model(tflite_models.conv_bundle(tmp_path / "m.edgekit", image=None)) as model:
        model.warm_up()
        trigger = Trigger(LABELS, on=0.5, off=0.3, refractory_s=1.0)
        spotter = KeywordSpotter(model, trigger, smoothing_windows=2, sample_period_s=0.02)
        run = streaming.play(spotter, recording, windowing, speed)
    if speed is None:
        assert run.policy is BackPressure.BLOCK
        assert (run.windows, run.dropped_windows, run.lost_samples) == (6666, 0, 0)
        assert (run.windows_wrong, run.unprocessed_samples) == (0, 1)
    # A machine that is busy may drop windows of the live pass, but none silently.
    assert run.windows + run.dropped_windows == run.windows_expected == 6666
    assert run.windows_wrong == 0 or run.dropped_windows
    assert run.rss_bytes[-1] - run.rss_bytes[0] < 2e6
    row = streaming.figures(run, recording)
    assert Measurement.from_json(row["rss_growth"]).provenance is Provenance.MEASURED
    assert Measurement.from_json(row["speed"]).value > 10


def test_words_and_detections_are_matched_once(streaming):
    words = (("Yes", 0, 50), ("No", 100, 150), ("Yes", 200, 250))
    recording = streaming.Recording(np.zeros((300, 1), np.float32), words)
    times = [("Yes", 1.5), ("Yes", 1.6), ("No", 4.5), ("Yes", 4.2)]
    found = tuple(Detection(label, 0.9, time) for label, time in times)
    run = streaming.Run(BackPressure.BLOCK, 1.0, 0, 0, 0, 0, 0, 0, (1, 1), found)
    assert streaming.found_words(run, recording) == (2, 2)


def test_a_recording_is_made_of_the_clips_in_it(streaming):
    x = np.arange(12, dtype=np.float32).repeat(49 * 10).reshape(12, 1, 49, 10)
    recording = streaming.made_hour(x, np.arange(12, dtype=np.int32), 5000, seed=3)
    assert recording.frames.shape == (5000, 10)
    for label, first, end in recording.words:
        assert np.all(recording.frames[first:end] == streaming.LABELS.index(label))
        assert np.all(recording.frames[end : end + 49] == streaming.LABELS.index("Silence"))
    assert not {label for label, _, _ in recording.words} & set(streaming.IGNORED)
    assert len(recording.words) > 10


@pytest.mark.parametrize("policy", list(BackPressure))
def test_the_record_keeps_what_is_promised(policy):
    (row,) = (each for each in json.loads(RECORD.read_text())["runs"] if each["policy"] == policy)
    assert row["samples"] == 60 * 60 * 50
    assert Measurement.from_json(row["speed"]).value >= 10
    assert row["windows"] == row["windows_expected"]
    assert row["windows_wrong"] == row["dropped_windows"] == row["lost_samples"] == 0
    growth = Measurement.from_json(row["rss_growth"])
    assert growth.provenance is Provenance.MEASURED
    assert growth.value == row["rss_end_bytes"] - row["rss_start_bytes"] < 2**20
