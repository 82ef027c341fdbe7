"""Inputs for MLPerf Tiny's networks where the data folder has none: pictures and machine sounds.

The data hold labelled keywords, but neither pictures for ResNet-8 nor sounds for the autoencoder.
In their place come crops of the photographs that scikit-learn ships, and log-mel spectrograms of
made machine sounds, computed with the parameters of the benchmark's own front end
(https://github.com/mlcommons/tiny/blob/master/benchmark/training/anomaly_detection/baseline.yaml).
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

__all__ = ["keywords", "machine_sounds", "pictures"]

Arrays = npt.NDArray[np.float32]
_RATE_HZ = 16_000
_MELS, _FRAMES = 128, 5
_FFT, _HOP = 1024, 512


def keywords(count: int, data: Path) -> Arrays:
    """Return the benchmark's own keywords ``[count, 1, 49, 10]``, in their order."""
    given: Arrays = np.load(data / "kws_eval.npz")["x"][:count].astype(np.float32)
    return given


def pictures(count: int) -> Arrays:
    """Return crops of photographs ``[count, 3, 32, 32]``, from 0 to 255, seeded.

    Squares of any size between 32 pixels and the whole height, averaged down, half of them
    mirrored.
    """
    from PIL import Image
    from sklearn.datasets import load_sample_images

    generator = np.random.default_rng(0)
    photographs = [Image.fromarray(item) for item in load_sample_images().images]
    crops = []
    for index in range(count):
        photograph = photographs[index % len(photographs)]
        side = int(generator.integers(32, min(photograph.size) + 1))
        left, top = (int(generator.integers(0, length - side + 1)) for length in photograph.size)
        box = (left, top, left + side, top + side)
        crop = photograph.resize((32, 32), Image.Resampling.BOX, box=box)
        if generator.random() < 0.5:
            crop = crop.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        crops.append(np.asarray(crop, np.float32).transpose(2, 0, 1))
    return np.stack(crops)


def machine_sounds(count: int) -> Arrays:
    """Return log-mel spectrograms ``[count, 640]`` in decibels, five frames each, seeded.

    A sound is a hum of up to 40 harmonics whose speed drifts, over low-passed noise: what a
    motor with a gear sounds like.
    """
    from transformers.audio_utils import mel_filter_bank, spectrogram, window_function

    generator = np.random.default_rng(0)
    filters = mel_filter_bank(
        num_frequency_bins=_FFT // 2 + 1,
        num_mel_filters=_MELS,
        min_frequency=0.0,
        max_frequency=_RATE_HZ / 2,
        sampling_rate=_RATE_HZ,
        norm="slaney",
        mel_scale="slaney",
    )
    features = []
    for _ in range(count):
        levels = spectrogram(
            _machine(generator),
            window_function(_FFT, "hann"),
            frame_length=_FFT,
            hop_length=_HOP,
            power=2.0,
            mel_filters=filters,
            log_mel="dB",
        )
        features.append(levels[:, 2 : 2 + _FRAMES].T.reshape(-1))
    return np.stack(features).astype(np.float32)


def _machine(generator: np.random.Generator) -> npt.NDArray[np.float64]:
    length = _HOP * (_FRAMES + 4)
    seconds = np.arange(length) / _RATE_HZ
    speed_hz = generator.uniform(40, 180) * (1 + generator.uniform(-0.05, 0.05) * seconds)
    orders = np.arange(1, int(generator.integers(8, 41)))
    strengths = generator.uniform(0, 1, orders.size) / orders ** generator.uniform(0.3, 1.2)
    angles = 2 * np.pi * np.cumsum(speed_hz) / _RATE_HZ
    hum = strengths @ np.sin(np.outer(orders, angles) + generator.uniform(0, 6, (orders.size, 1)))
    kernel = np.exp(-np.arange(64) / generator.uniform(0.5, 8))
    noise = np.convolve(generator.normal(size=length), kernel / kernel.sum(), "same")
    mixed = 0.1 * hum + generator.uniform(0.01, 0.1) * noise
    return np.asarray(mixed, np.float64)
