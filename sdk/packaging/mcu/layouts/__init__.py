"""A C library as a folder that four build systems take as it is: one file for each layout."""

from edgekit.packaging.mcu.layouts.base import LayoutFacts
from edgekit.packaging.mcu.layouts.laying_out import LAYOUTS, lay_out

__all__ = ["LAYOUTS", "LayoutFacts", "lay_out"]
