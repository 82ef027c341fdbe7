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
