"""Bundles packed for what carries them: firmware, apps, services."""

from edgekit.packaging.kinds import PackageKind, write_package
from edgekit.packaging.package import Package, PackageOptions

__all__ = ["Package", "PackageKind", "PackageOptions", "write_package"]
