"""What integers are asked for."""

from dataclasses import dataclass

from edgekit.bundle.manifest import Io, Scheme

__all__ = ["QuantizationRequest"]


@dataclass(frozen=True, slots=True)
class QuantizationRequest:
    """What integers are asked for.

    Attributes:
        scheme: How weights and activations are stored.
        io: Type of the floating-point inputs and outputs at the interface.
        per_channel_dense: Whether FULLY_CONNECTED weights may have a scale per output; false
            where a device's runtime cannot run them.
        float_islands: Whether operators without an integer kernel may stay in float.
    """

    scheme: Scheme = Scheme.INT8
    io: Io = Io.INT8
    per_channel_dense: bool = True
    float_islands: bool = False
