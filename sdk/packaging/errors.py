"""What keeps a bundle from being packed."""

from pathlib import Path

from edgekit.device_profiles import DeviceProfile
from edgekit.errors import EdgekitError

__all__ = ["ForeignFolderError", "WrongDeviceKindError"]


class ForeignFolderError(EdgekitError):
    """A folder whose files would be lost."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} holds files that are no package of edgekit",
            hint="name a folder that is new, empty, or an earlier package",
        )
        self.folder = folder


class WrongDeviceKindError(EdgekitError):
    """A device that such a package is not for."""

    def __init__(self, device: DeviceProfile, wanted: str) -> None:
        super().__init__(
            f"{device.name} is a {device.kind} device, and this package is for {wanted}",
            hint="`edgekit devices` lists the devices with their kinds",
        )
        self.device = device
