"""The immutable outcome of an emulation: what was counted, and what it means on the device."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from edgekit.benchmarks.emulator.options import EmulationOptions
from edgekit.benchmarks.emulator.sizes import FirmwareSizes
from edgekit.benchmarks.errors import ResultFormatError
from edgekit.benchmarks.json_files import check_version, read_json, write_json
from edgekit.benchmarks.measurement import Measurement, Provenance
from edgekit.benchmarks.statistics import median

__all__ = ["EMULATION_SCHEMA_VERSION", "EmulationResult", "LayerCount"]

EMULATION_SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class LayerCount:
    """What one layer executed for one sample."""

    name: str
    instructions: int


@dataclass(frozen=True, slots=True)
class EmulationResult:
    """What a model did on an emulated device.

    What is counted is exact and repeats: instructions, bytes, right answers. Latency and energy
    are no part of an emulation; they are estimated, where the device's profile allows it.

    Attributes:
        model: Name of the model in the bundle's manifest.
        model_sha256: Of ``model.tflite``.
        device: Name of the device profile.
        core: What was emulated.
        machine: QEMU's machine that did it.
        isa: What the kernels are written for.
        inputs: What was fed, for example ``random, seed 0``.
        started_at: Date and time in UTC, ISO 8601.
        options: How the firmware was built and run.
        tools: Versions of compiler and emulator, by command.
        instructions: Of each sample: executed from the call of the model to its return.
        layers: Of the first sample; empty where they were not counted.
        sizes: What the firmware takes of flash and RAM.
        stack_bytes: The most that a call of the model used.
        outputs_sha256: Of the bytes of all outputs, sample by sample.
        correct: How many samples the highest output classified rightly, None without labels.
        latency: Estimated, None where the profile has no coefficient.
        energy: Estimated, None where the profile has no power.
        gaps: Why something could not be told, in sentences.
    """

    model: str
    model_sha256: str
    device: str
    core: str
    machine: str
    isa: str
    inputs: str
    started_at: str
    options: EmulationOptions
    tools: Mapping[str, str]
    instructions: tuple[int, ...]
    layers: tuple[LayerCount, ...]
    sizes: FirmwareSizes
    stack_bytes: int
    outputs_sha256: str
    correct: int | None
    latency: Measurement | None
    energy: Measurement | None
    gaps: tuple[str, ...]

    def measurements(self) -> dict[str, Measurement]:
        """Return every figure that a table of this result shows, by name."""

        def counted(value: float, unit: str, method: str) -> Measurement:
            return Measurement(value, unit, Provenance.EMULATED, method)

        count = len(self.instructions)
        samples = f"{count} sample{'s' * (count > 1)}"
        figures = {
            "instructions": Measurement(
                median(self.instructions),
                "instructions",
                Provenance.EMULATED,
                f"exact count of an inference, median of {samples}, lowest and highest",
                (min(self.instructions), max(self.instructions)),
                tuple(map(float, self.instructions)),
            ),
            "flash": counted(
                self.sizes.flash_bytes, "bytes", "whole firmware, without what measures"
            ),
            "ram": counted(self.sizes.ram_bytes, "bytes", "arena and static data"),
            "arena": counted(self.sizes.arena_bytes, "bytes", "part of the RAM"),
            "stack": counted(self.stack_bytes, "bytes", "high-water mark of a painted stack"),
        }
        if self.correct is not None:
            share = 100 * self.correct / count
            method = f"highest output, {self.correct} of {samples} right"
            figures["top_1"] = counted(share, "%", method)
        estimates = {"latency": self.latency, "energy": self.energy}
        return figures | {name: value for name, value in estimates.items() if value is not None}

    def to_json(self) -> dict[str, Any]:
        """Return the result as plain JSON values.

        ``target`` and ``measurements`` are there for other readers, and not read back.
        """
        derived = {
            name: replace(measurement, samples=()).to_json()
            for name, measurement in self.measurements().items()
        }
        return {
            "schema_version": EMULATION_SCHEMA_VERSION,
            "target": "emulator",
            **asdict(self),
            "options": self.options.to_json(),
            "sizes": self.sizes.to_json(),
            "latency": self.latency and self.latency.to_json(),
            "energy": self.energy and self.energy.to_json(),
            "measurements": derived,
        }

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read a result back.

        Raises:
            ResultFormatError: ``data`` is of another schema version, or a field is missing,
                unknown, or of the wrong kind.
        """
        check_version(data, "emulation result", EMULATION_SCHEMA_VERSION)
        derived = {"schema_version", "target", "measurements"}
        fields = {name: value for name, value in data.items() if name not in derived}
        try:
            return cls(
                **{
                    **fields,
                    "options": EmulationOptions.from_json(data["options"]),
                    "instructions": tuple(map(int, data["instructions"])),
                    "layers": tuple(LayerCount(**layer) for layer in data["layers"]),
                    "sizes": FirmwareSizes.from_json(data["sizes"]),
                    "latency": _measurement(data["latency"]),
                    "energy": _measurement(data["energy"]),
                    "gaps": tuple(data["gaps"]),
                }
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ResultFormatError("emulation result", str(error)) from error

    def save(self, path: str | Path) -> None:
        """Write the result as JSON, whole or not at all.

        Raises:
            WriteError: No space, no permission, or no such folder.
        """
        write_json(Path(path), self.to_json())

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a result from a file.

        Raises:
            UnreadableFileError: The file is missing, no JSON, or no result of a known version.
        """
        return read_json(Path(path), cls.from_json)


def _measurement(data: Any) -> Measurement | None:
    return None if data is None else Measurement.from_json(data)
