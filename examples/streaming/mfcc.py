"""Mel-frequency cepstral coefficients in NumPy, as MLPerf Tiny's keyword spotting takes them.

The steps are those of the benchmark's reference training code (mlcommons/tiny, keyword_spotting,
``get_dataset.py``) and have the definitions of TensorFlow's ``tf.signal``: a periodic Hann window,
an FFT of the next power of two, magnitudes, triangles that are equal on the mel scale of HTK
(Young et al., "The HTK Book", section 5.4), a logarithm, a DCT of type II. A network hears what it
was trained on: take the numbers of its own training, and check the features against it.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

_FLOOR = 1e-6  # added before the logarithm


@dataclass(frozen=True)
class Mfcc:
    """From audio to frames of coefficients.

    Attributes:
        rate_hz: Samples of audio per second.
        window_s: Seconds of audio in a frame.
        stride_s: Seconds from one frame to the next.
        bands: Triangles on the mel scale.
        coefficients: How many are kept, the lowest.
        lowest_hz: Lower edge of the first triangle.
        highest_hz: Upper edge of the last one.
    """

    rate_hz: int = 16_000
    window_s: float = 0.04
    stride_s: float = 0.02
    bands: int = 40
    coefficients: int = 10
    lowest_hz: float = 20.0
    highest_hz: float = 4_000.0

    @property
    def window(self) -> int:
        """Samples of audio in a frame."""
        return round(self.window_s * self.rate_hz)

    @property
    def stride(self) -> int:
        """Samples from one frame to the next."""
        return round(self.stride_s * self.rate_hz)

    def __call__(self, audio: NDArray[np.floating]) -> FloatArray:
        """Return the coefficients of one or more frames.

        Args:
            audio: ``[..., window]``, full scale is 1.

        Returns:
            ``[..., coefficients]``.
        """
        spectrum = np.abs(np.fft.rfft(audio * self._taper, self._fft_length))
        features = np.log(spectrum @ self._triangles + _FLOOR) @ self._cosines
        return features.astype(np.float32)

    @property
    def _fft_length(self) -> int:
        return 1 << (self.window - 1).bit_length()

    @cached_property
    def _taper(self) -> NDArray[np.float64]:
        return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(self.window) / self.window)

    @cached_property
    def _triangles(self) -> NDArray[np.float64]:
        """Weights ``[spectrum, bands]``, linear in mel; the constant part weighs nothing."""
        frequencies = np.fft.rfftfreq(self._fft_length, 1 / self.rate_hz)
        edges = np.linspace(_mel(self.lowest_hz), _mel(self.highest_hz), self.bands + 2)
        mel = _mel(frequencies)[:, None]
        rising = (mel - edges[:-2]) / (edges[1:-1] - edges[:-2])
        falling = (edges[2:] - mel) / (edges[2:] - edges[1:-1])
        weights = np.maximum(0, np.minimum(rising, falling))
        weights[0] = 0
        return weights

    @cached_property
    def _cosines(self) -> NDArray[np.float64]:
        """A DCT of type II, scaled to be orthonormal but for its first row."""
        angle = np.pi / self.bands * (np.arange(self.bands)[:, None] + 0.5)
        return np.cos(angle * np.arange(self.coefficients)) * np.sqrt(2 / self.bands)


def _mel(frequency_hz: float | NDArray[np.float64]) -> NDArray[np.float64]:
    return 1127.0 * np.log1p(np.asarray(frequency_hz, np.float64) / 700.0)
