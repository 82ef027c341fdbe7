"""Why an emulated board is no target of `edgekit.benchmarks.benchmark`."""

from edgekit.benchmarks.errors import TargetError
from edgekit.benchmarks.target import Target
from edgekit.device_profiles import DeviceProfile

__all__ = ["open_emulator"]


def open_emulator(device: DeviceProfile | None) -> Target:
    """Refuse: an emulator has no clock that latencies could be measured by.

    It counts instructions, which `edgekit.emulating.emulate_bundle` reports as they are, beside
    an estimate of the latency. `edgekit benchmark --on emulator` does that.

    Raises:
        TargetError: Always.
    """
    named = device.name if device is not None else "DEVICE"
    raise TargetError(
        "emulator",
        "it counts instructions and has no clock to measure latencies by",
        hint=f"run `edgekit benchmark BUNDLE --on emulator -d {named}`, or call "
        "edgekit.emulating.emulate_bundle",
    )
