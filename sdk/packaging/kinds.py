"""The kinds of packages, and the one way in which they are written."""

import json
from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from pathlib import Path

from edgekit.bundle import Bundle
from edgekit.files import replaced_directory, sha256_file
from edgekit.packaging.errors import ForeignFolderError
from edgekit.packaging.package import Package, PackageOptions

__all__ = ["PackageKind", "write_package"]

_RECORD = "edgekit-package.json"


class PackageKind(StrEnum):
    """What a package is for."""

    MCU = "mcu"  # a C library for firmware
    TFLM = "tflm"  # for firmware with TensorFlow Lite Micro

    @property
    def make(self) -> Callable[[Bundle, PackageOptions], Package]:
        """The function that packs a bundle; its module is loaded now."""
        module, function = _MAKERS[self]
        found: Callable[[Bundle, PackageOptions], Package] = getattr(
            import_module(module), function
        )
        return found


_MAKERS = {
    PackageKind.MCU: ("edgekit.packaging.mcu", "package_for_mcu"),
    PackageKind.TFLM: ("edgekit.packaging.tflm", "package_for_tflm"),
}


def write_package(
    kind: PackageKind, bundle: Bundle, options: PackageOptions, folder: Path
) -> Package:
    """Pack a bundle and write it to a folder, which may hold an earlier package.

    Returns:
        What was written.

    Raises:
        ContractError: The device cannot run the model, or has too little memory for it.
        ForeignFolderError: The folder holds something else than a package.
        WriteError: No space, no permission. What was there before is there still.
    """
    if folder.exists() and not (folder / _RECORD).is_file() and any(folder.iterdir()):
        raise ForeignFolderError(folder)
    package = kind.make(bundle, options)
    record = {
        "kind": str(kind),
        "name": package.name,
        "bundle": {"name": bundle.manifest.name, "sha256": sha256_file(bundle.path)},
        "edgekit_version": bundle.manifest.edgekit_version,
        "device": options.device.name,
        **package.facts,
        "files": sorted(package.files),
    }
    with replaced_directory(folder) as scratch:
        for name, content in package.files.items():
            path = scratch / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        (scratch / _RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return package
