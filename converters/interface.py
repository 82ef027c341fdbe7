"""An input or output of a lowered model: the source's name and the order of its axes."""

from dataclasses import dataclass

__all__ = ["Interface"]


@dataclass(frozen=True, slots=True)
class Interface:
    """An input or output after lowering.

    Attributes:
        name: The source's name; the tensor in the TFLite model bears it too.
        axes: ``axes[i]`` is the source axis at position ``i`` of the TFLite tensor.
    """

    name: str
    axes: tuple[int, ...]
