"""The integer grid that training chose for a tensor of the source."""

from dataclasses import dataclass

__all__ = ["TrainedGrid"]


@dataclass(frozen=True, slots=True)
class TrainedGrid:
    """Affine quantization in the source's own integer type: ``real = scale * (q - zero_point)``.

    Attributes:
        scales: float32 values; one, or one for each index along ``axis``.
        zero_points: As many as ``scales``.
        dtype: NumPy's name of the integer type, or ``int4``, ``uint4``, ``int2`` and so on.
        axis: The quantized axis of the source's tensor when there are several scales.
    """

    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    dtype: str
    axis: int

    @property
    def limits(self) -> tuple[int, int]:
        """The least and the greatest integer."""
        bits = int(self.dtype.lstrip("uint"))
        if self.dtype.startswith("u"):
            return 0, 2**bits - 1
        return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1

    @property
    def reach(self) -> tuple[float, float]:
        """The least and the greatest number of any scale."""
        least, most = self.limits
        pairs = list(zip(self.scales, self.zero_points, strict=True))
        lows = [scale * (least - point) for scale, point in pairs]
        return min(lows), max(scale * (most - point) for scale, point in pairs)
