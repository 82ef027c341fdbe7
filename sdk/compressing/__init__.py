"""Compress a float torch module by training: prune, quantization-aware training, distillation."""

from edgekit.compressing.compressor import Compressed, compress
from edgekit.compressing.errors import CompressionError
from edgekit.compressing.files import CompressedFile, compress_file
from edgekit.compressing.recipe import CompressionRecipe, Method, Schedule, Scope
from edgekit.compressing.report import CompressionReport, LayerDensity, TrainedScale

__all__ = [
    "Compressed",
    "CompressedFile",
    "CompressionError",
    "CompressionRecipe",
    "CompressionReport",
    "LayerDensity",
    "Method",
    "Schedule",
    "Scope",
    "TrainedScale",
    "compress",
    "compress_file",
]
