"""edgekit: from a compressed model to a proven, packaged, measured one on the device."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edgekit.build_options import BuildOptions, QuantizeOptions
    from edgekit.building import BuildResult, build
    from edgekit.bundle import Bundle
    from edgekit.compressing import CompressionRecipe, compress
    from edgekit.errors import EdgekitError
    from edgekit.quantizing import QuantizeResult, quantize

    __version__: str

__all__ = [
    "BuildOptions",
    "BuildResult",
    "Bundle",
    "CompressionRecipe",
    "EdgekitError",
    "QuantizeOptions",
    "QuantizeResult",
    "__version__",
    "build",
    "compress",
    "quantize",
]

# Loaded when first asked for: `import edgekit.runtime` on a Pi must stay small.
_HOMES = {
    "BuildOptions": "edgekit.build_options",
    "BuildResult": "edgekit.building",
    "Bundle": "edgekit.bundle",
    "CompressionRecipe": "edgekit.compressing",
    "EdgekitError": "edgekit.errors",
    "QuantizeOptions": "edgekit.build_options",
    "QuantizeResult": "edgekit.quantizing",
    "build": "edgekit.building",
    "compress": "edgekit.compressing",
    "quantize": "edgekit.quantizing",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("edgekit")
    if name not in _HOMES:
        raise AttributeError(f"module 'edgekit' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)
