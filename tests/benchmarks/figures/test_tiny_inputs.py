"""Pictures and machine sounds in place of data that the test folder lacks."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_sample_images


@pytest.fixture(scope="module")
def tiny_inputs(script):
    return script("tiny_inputs")


def test_pictures_are_parts_of_photographs(tiny_inputs):
    pictures = tiny_inputs.pictures(6)
    assert (pictures.shape, pictures.dtype) == ((6, 3, 32, 32), np.float32)
    assert pictures.min() >= 0
    assert pictures.max() <= 255
    for picture, photograph in zip(pictures, load_sample_images().images * 3, strict=True):
        low, high = photograph.min(axis=(0, 1)), photograph.max(axis=(0, 1))
        assert np.all(picture.min(axis=(1, 2)) >= low)
        assert np.all(picture.max(axis=(1, 2)) <= high)


def test_more_of_them_begin_with_the_same(tiny_inputs):
    np.testing.assert_array_equal(tiny_inputs.pictures(5)[:3], tiny_inputs.pictures(3))
    np.testing.assert_array_equal(tiny_inputs.machine_sounds(3)[:2], tiny_inputs.machine_sounds(2))


def test_sounds_are_log_mel_spectrograms(tiny_inputs):
    """Against torch's own Fourier transform, and triangles written out from the mel scale."""
    sound = torch.from_numpy(tiny_inputs._machine(np.random.default_rng(0)))
    window = torch.hann_window(1024, dtype=torch.float64)
    spectra = torch.stft(
        sound, 1024, 512, window=window, center=True, pad_mode="reflect", return_complex=True
    )
    power = spectra.abs().numpy() ** 2
    # Slaney's scale is linear up to 1 kHz, then logarithmic (Auditory Toolbox, 1998).
    top = 15 + 27 * np.log(8000 / 1000) / np.log(6.4)
    mels = np.linspace(0, top, 130)
    corners = np.where(mels < 15, mels * 200 / 3, 1000 * 6.4 ** ((mels - 15) / 27))
    frequencies = np.linspace(0, 8000, 513)
    slopes = [(corners[at : at + 3], 2 / (corners[at + 2] - corners[at])) for at in range(128)]
    triangles = np.stack([np.interp(frequencies, at, [0, peak, 0]) for at, peak in slopes])
    wanted = 10 * np.log10(np.maximum(triangles @ power, 1e-10))
    found = tiny_inputs.machine_sounds(1)[0].reshape(5, 128).T
    np.testing.assert_allclose(found, wanted[:, 2:7], rtol=0, atol=0.01)
