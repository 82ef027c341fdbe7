"""All families by name."""

from architectures import plain, sequence, vision
from architectures.built import Make

__all__ = ["FAMILIES"]

FAMILIES: dict[str, Make] = vision.FAMILIES | sequence.FAMILIES | plain.FAMILIES
