"""A bundle for firmware that keeps the interpreter, TensorFlow Lite Micro."""

from edgekit.packaging.tflm.arena import ArenaEstimate, estimate_arena
from edgekit.packaging.tflm.packing import package_for_tflm

__all__ = ["ArenaEstimate", "estimate_arena", "package_for_tflm"]
