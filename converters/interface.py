"""What tensors of a lowered model are in the source: names and orders of axes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Interface", "SourceLink", "rearranged"]


@dataclass(frozen=True, slots=True)
class Interface:
    """An input or output after lowering.

    Attributes:
        name: The source's name; the tensor in the TFLite model bears it too.
        axes: ``axes[i]`` is the source axis at position ``i`` of the TFLite tensor.
    """

    name: str
    axes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SourceLink:
    """Which tensor of the source a tensor of a lowered model stands for.

    Attributes:
        name: Of the source's tensor.
        axes: The order of source axes in which it holds the source's values, whatever shape it
            gives them; None where it holds them in another order, or was made from them.
    """

    name: str
    axes: tuple[int, ...] | None

    def arrange(self, values: npt.NDArray[Any], shape: tuple[int, ...]) -> npt.NDArray[Any]:
        """Return the source's values as the tensor of this shape holds them."""
        assert self.axes is not None
        return np.transpose(values, self.axes).reshape(shape)


def rearranged(link: SourceLink | None) -> SourceLink | None:
    """Return the link of what holds the same in an order that is none of axes, or is made of it."""
    return link and SourceLink(link.name, None)
