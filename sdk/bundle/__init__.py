"""The bundle (`name.edgekit`): its manifest, reader and writer."""

from edgekit.bundle.manifest import (
    ImagePreprocessing,
    Io,
    Layout,
    Manifest,
    Member,
    Scheme,
    SourceInfo,
    TensorSpec,
)
from edgekit.bundle.members import BundleError
from edgekit.bundle.reader import Bundle
from edgekit.bundle.writer import DEFLATE_LEVEL, write_bundle

__all__ = [
    "DEFLATE_LEVEL",
    "Bundle",
    "BundleError",
    "ImagePreprocessing",
    "Io",
    "Layout",
    "Manifest",
    "Member",
    "Scheme",
    "SourceInfo",
    "TensorSpec",
    "write_bundle",
]
