"""What an input of the source model expects, and what the user declares about the data."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from edgekit.bundle.manifest import ImagePreprocessing

__all__ = ["Channels", "InputDeclaration", "InputSpec", "SampleLayout"]

# What `--calibration-layout` calls channels-last data, by the rank of the source input.
_CHANNELS_LAST_NAMES = {3: "nwc", 4: "nhwc", 5: "ndhwc"}


class SampleLayout(StrEnum):
    """The order of the axes in the user's data."""

    SOURCE = "source"  # as the source model takes them
    CHANNELS_LAST = "channels_last"  # channels moved last; transposed while reading


class Channels(StrEnum):
    """Where the source model itself has the channels of a picture-like input."""

    FIRST = "first"  # NCW, NCHW, NCDHW: PyTorch's order
    LAST = "last"  # NWC, NHWC, NDHWC: Keras' order


@dataclass(frozen=True, slots=True)
class InputSpec:
    """One input of the source model, in its own layout.

    Attributes:
        name: Name in the source model.
        dtype: NumPy name of the type, for example ``float32`` or ``int64``.
        shape: Shape of ONE sample, its batch axis of 1 included: ``(1, 3, 32, 32)``. A shape
            that does not begin with 1 belongs to a model without a batch axis.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def numpy(self) -> np.dtype[np.generic]:
        """The NumPy type."""
        return np.dtype(self.dtype)

    @property
    def is_float(self) -> bool:
        """True for floating-point inputs."""
        return self.numpy.kind == "f"

    @property
    def has_batch_axis(self) -> bool:
        """True when the first axis is a batch axis of 1, which the data may leave out."""
        return bool(self.shape) and self.shape[0] == 1

    @property
    def option(self) -> str:
        """The option that declares channels-last data for this input."""
        layout = _CHANNELS_LAST_NAMES.get(len(self.shape), SampleLayout.CHANNELS_LAST)
        return f"--calibration-layout {self.name}={layout}"


@dataclass(frozen=True, slots=True)
class InputDeclaration:
    """What the user says about the data of one input; nothing of it is ever guessed.

    Data of layout ``CHANNELS_LAST`` are transposed when the source model has its channels
    first. A model that has them last takes such data unchanged.

    Attributes:
        layout: Order of the axes in the data (arrays and Python files; pictures have none).
        image: How pictures, and uint8 arrays given to a float input, become numbers. Float
            arrays are taken as they are: already normalised.
        source_channels: Where the source model has the channels of this input.
    """

    layout: SampleLayout = SampleLayout.SOURCE
    image: ImagePreprocessing | None = None
    source_channels: Channels = Channels.FIRST

    @property
    def transposes(self) -> bool:
        """True when the data's channels have to move from the last place to the source's."""
        return self.layout is SampleLayout.CHANNELS_LAST and self.source_channels is Channels.FIRST
