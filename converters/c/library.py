"""What the C generator hands over: source files, and what is known about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from edgekit.converters.c.planning import MemoryPlan

__all__ = ["ARENA_ALIGNMENT", "CLibrary", "CTensor", "Isa"]

ARENA_ALIGNMENT = 16  # bytes; a Helium vector


class Isa(StrEnum):
    """What kernels are written for. All of them compute the same bytes."""

    PORTABLE = "portable"  # C99 alone
    DSP = "dsp"  # Cortex-M4, M7, M33: SIMD on halves of a register (`__ARM_FEATURE_DSP`)
    MVE = "mve"  # Cortex-M55, M85: Helium (`__ARM_FEATURE_MVE`)

    @property
    def and_simpler(self) -> tuple["Isa", ...]:
        """It, and what else runs on its cores, the fastest first."""
        return tuple(Isa)[: tuple(Isa).index(self) + 1][::-1]


@dataclass(frozen=True, slots=True)
class CTensor:
    """An input or output of the library.

    Attributes:
        name: Its name in the model.
        c_name: Prefix of its macros, for example ``KWS_INPUT``.
        shape: As the model has it.
        dtype: TFLite's name of the element type, in lower case.
        scale: None where it is not quantized.
        zero_point: None where it is not quantized.
        size_bytes: Of its values.
        arena_offset: Where it lies in the arena, in bytes.
    """

    name: str
    c_name: str
    shape: tuple[int, ...]
    dtype: str
    scale: float | None
    zero_point: int | None
    size_bytes: int
    arena_offset: int


@dataclass(frozen=True, slots=True)
class CLibrary:
    """A model as C99 sources.

    Attributes:
        name: Prefix of everything public, a C identifier.
        isa: What the kernels are written for.
        files: Name -> text; they lie in one folder and include each other by name.
        arena_bytes: Size of the arena, which is all the memory that the model works in.
        static_bytes: Other writable static data.
        weights_bytes: Constant data: weights, biases, tables.
        inputs: In the model's order.
        outputs: In the model's order.
        layers: Their names, in the order in which the layer hook counts them.
        plan: Where everything lies in the arena.
        schedule: In which order layers are computed, in words.
        extra_macs: Multiply-accumulates that it does once more.
    """

    name: str
    isa: Isa
    files: Mapping[str, str]
    arena_bytes: int
    static_bytes: int
    weights_bytes: int
    inputs: tuple[CTensor, ...]
    outputs: tuple[CTensor, ...]
    layers: tuple[str, ...]
    plan: MemoryPlan
    schedule: str = "layer by layer"
    extra_macs: int = 0
