"""An emulated device: builds a library for it, runs it, and counts its layers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from edgekit.benchmarks.emulator.emulation import Emulation, emulate
from edgekit.benchmarks.emulator.firmware import CSources, DeviceMemory, build_firmware
from edgekit.benchmarks.emulator.machine import EmulatedCore, core_of
from edgekit.benchmarks.emulator.options import EmulationOptions
from edgekit.benchmarks.emulator.result import LayerCount
from edgekit.benchmarks.emulator.sizes import FirmwareSizes
from edgekit.benchmarks.emulator.toolchain import run_tool
from edgekit.device_profiles import DeviceProfile
from edgekit.progress import EmulationStage, Progress, SilentProgress

__all__ = ["BoardRun", "EmulatedBoard"]


@dataclass(frozen=True, slots=True)
class BoardRun:
    """What a library did on an emulated device.

    Attributes:
        emulation: Outputs, instructions and stack of the library itself.
        layers: What each layer executed for the first sample, counted in another build: the
            compiler does not move code across the calls that count.
        sizes: Of the firmware around the library itself.
        tools: Versions of compiler and emulator, by command.
    """

    emulation: Emulation
    layers: tuple[LayerCount, ...]
    sizes: FirmwareSizes
    tools: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EmulatedBoard:
    """A microcontroller as QEMU emulates its core, with the memories of its profile.

    Attributes:
        device: The profile; what it does not say of its memories is not enforced.
        options: How firmware is built and run.
        core: Follows from the profile.

    Raises:
        EdgekitError: The device is no microcontroller, or its core cannot be emulated.
    """

    device: DeviceProfile
    options: EmulationOptions = field(default_factory=EmulationOptions)
    core: EmulatedCore = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "core", core_of(self.device))

    @property
    def memory(self) -> DeviceMemory:
        """The memories that a firmware has to fit."""
        flash, ram = self.device.flash_bytes, self.device.ram_bytes
        machine = self.core.machine
        return DeviceMemory(
            flash_bytes=flash.value if flash else machine.flash.bytes,
            ram_bytes=ram.value if ram else machine.ram.bytes,
            stack_bytes=self.options.stack_bytes,
        )

    def run(
        self,
        library: CSources,
        samples: Sequence[Sequence[bytes]],
        *,
        hooked: CSources | None = None,
        progress: Progress | None = None,
    ) -> BoardRun:
        """Build a library and run samples on it.

        Args:
            library: The library.
            samples: At least one; of each, the bytes of each input.
            hooked: The same library with the hook that counts layers, if they shall be counted.
            progress: Is told how far it is.

        Raises:
            EmulatorError: A tool is missing, the firmware does not fit, or it failed.
        """
        told = progress or SilentProgress()
        with TemporaryDirectory(prefix="edgekit-emulator-") as scratch:
            folder = Path(scratch)
            told.stage(EmulationStage.BUILD)
            firmware = build_firmware(
                library,
                self.core,
                self.memory,
                folder,
                optimisation=self.options.optimisation,
                max_instructions=self.options.max_instructions,
            )
            # Before the samples, because a fault or a hang there tells its layer.
            told.stage(EmulationStage.LAYERS)
            layers = self._layers(hooked, samples[:1]) if hooked is not None else ()
            told.stage(EmulationStage.RUN)
            emulation = emulate(firmware, samples, progress=told)
            tools = self._versions(folder)
        return BoardRun(emulation, layers, firmware.sizes, tools)

    def _layers(
        self, hooked: CSources, samples: Sequence[Sequence[bytes]]
    ) -> tuple[LayerCount, ...]:
        with TemporaryDirectory(prefix="edgekit-emulator-") as scratch:
            firmware = build_firmware(
                hooked,
                self.core,
                self.memory,
                Path(scratch),
                counts_layers=True,
                optimisation=self.options.optimisation,
                max_instructions=self.options.max_instructions,
            )
            (counts,) = emulate(firmware, samples).layer_instructions
        return tuple(map(LayerCount, hooked.layers, counts))

    def _versions(self, folder: Path) -> dict[str, str]:
        tools = (f"{self.core.compiler}-gcc", self.core.machine.system)
        return {
            tool: run_tool(tool, ["--version"], folder).stdout.partition("\n")[0] for tool in tools
        }
