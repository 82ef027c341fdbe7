"""An integer model as plain C99: no interpreter, no flatbuffer, no heap."""

from edgekit.converters.c.generate import COptions, generate_c
from edgekit.converters.c.library import ARENA_ALIGNMENT, CLibrary, CTensor, Isa
from edgekit.converters.c.registry import supported_operators

__all__ = [
    "ARENA_ALIGNMENT",
    "CLibrary",
    "COptions",
    "CTensor",
    "Isa",
    "generate_c",
    "supported_operators",
]
