"""How a firmware is built and run."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from edgekit.benchmarks.errors import InvalidOptionError, ResultFormatError

__all__ = ["EmulationOptions"]


@dataclass(frozen=True, slots=True)
class EmulationOptions:
    """How a firmware is built and run.

    Attributes:
        optimisation: Option of the compiler for the model's code.
        stack_bytes: Set aside of the RAM for the stack.
        max_instructions: An inference that takes more counts as a hang.
        seed: Of the random inputs, where none are given.

    Raises:
        InvalidOptionError: A value is out of range.
    """

    optimisation: str = "-O3"
    stack_bytes: int = 4096
    max_instructions: int = 2_000_000_000
    seed: int = 0

    def __post_init__(self) -> None:
        levels = ("-O0", "-O1", "-O2", "-O3", "-Os", "-Og", "-Ofast")
        if self.optimisation not in levels:
            raise InvalidOptionError(
                "optimisation", self.optimisation, f"one of {', '.join(levels)}"
            )
        if self.stack_bytes < 256 or self.stack_bytes % 16:
            raise InvalidOptionError(
                "stack_bytes", self.stack_bytes, "256 or more, and a multiple of 16"
            )
        for name, least in (("max_instructions", 1), ("seed", 0)):
            if getattr(self, name) < least:
                raise InvalidOptionError(name, getattr(self, name), f"{least} or more")

    def to_json(self) -> dict[str, Any]:
        """Return the options as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read options back.

        Raises:
            ResultFormatError: A field is missing, unknown, or of the wrong kind.
        """
        try:
            return cls(**data)
        except TypeError as error:
            raise ResultFormatError("set of emulation options", str(error)) from error
