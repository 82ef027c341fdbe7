"""The features are those that TensorFlow's signal processing makes of the same audio."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

STREAMING = Path(__file__).parents[2] / "examples" / "streaming"
TENSORFLOW = """
import os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
audio = np.load(sys.argv[1])
made = {}
for length, step, kept in ((640, 320, 10), (480, 320, 13)):
    spectrum = tf.abs(tf.signal.stft(audio, length, step, window_fn=tf.signal.hann_window))
    weights = tf.signal.linear_to_mel_weight_matrix(40, spectrum.shape[-1], 16000, 20.0, 4000.0)
    mel = tf.math.log(tf.tensordot(spectrum, weights, 1) + 1e-6)
    made[str(length)] = tf.signal.mfccs_from_log_mel_spectrograms(mel)[..., :kept]
np.savez(sys.argv[2], **made)
"""


@pytest.fixture(scope="module")
def audio():
    """One second of a rising tone, a chord and noise, and a tenth of silence."""
    generator = np.random.default_rng(0)
    time = np.arange(16_000) / 16_000
    tones = 0.4 * np.sin(2 * np.pi * (300 + 900 * time) * time) + 0.1 * np.sin(5000 * time)
    sound = tones + 0.01 * generator.standard_normal(16_000)
    sound[8000:9600] = 0
    return sound.astype(np.float32)


@pytest.fixture(scope="module")
def expected(audio, tmp_path_factory):
    """What ``tf.signal`` makes of the audio, in a process of its own."""
    folder = tmp_path_factory.mktemp("mfcc")
    np.save(folder / "audio.npy", audio)
    command = [sys.executable, "-c", TENSORFLOW, folder / "audio.npy", folder / "made.npz"]
    subprocess.run(command, check=True, capture_output=True)
    with np.load(folder / "made.npz") as archive:
        return dict(archive)


@pytest.fixture(scope="module")
def mfcc():
    """The example's class, imported as the example imports it."""
    sys.path.insert(0, str(STREAMING))
    from mfcc import Mfcc

    yield Mfcc
    sys.path.remove(str(STREAMING))


@pytest.mark.parametrize(("window_s", "kept"), [(0.04, 10), (0.03, 13)])
def test_frames_are_those_of_tensorflow(mfcc, audio, expected, window_s, kept):
    features = mfcc(window_s=window_s, coefficients=kept)
    frames = np.lib.stride_tricks.sliding_window_view(audio, features.window)[:: features.stride]
    found = features(frames)
    wanted = expected[str(features.window)]
    assert found.shape == wanted.shape
    # TensorFlow computes in float32, and a logarithm near its floor shows it.
    np.testing.assert_allclose(found, wanted, rtol=0, atol=2e-3)


def test_a_frame_by_itself_is_the_same(mfcc, audio):
    features = mfcc()
    frames = np.lib.stride_tricks.sliding_window_view(audio, features.window)[:: features.stride]
    assert features(frames[3]).shape == (10,)
    np.testing.assert_array_equal(features(frames[3]), features(frames)[3])
