"""How two bundles are to be compared."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from edgekit.benchmarks.errors import ResultFormatError
from edgekit.benchmarks.option_checks import require_least, require_processors, require_seconds
from edgekit.runtime import Kernels

__all__ = ["CompareOptions"]


@dataclass(frozen=True, slots=True)
class CompareOptions:
    """How long and with what to compare.

    Attributes:
        seconds: About how long both models run together, without loading; never less than
            three rounds of each loading.
        loads: How often both are loaded anew, because where their memory happens to lie moves a
            latency.
        block_seconds: How long a model runs before it is the other's turn, if the time allows.
        threads: How many threads one inference may use.
        kernels: Which operator implementations to run.
        pin: Processors that may be used, all that there are where empty.
        seed: Of the inputs, of the order, and of the bootstrap.

    Raises:
        InvalidOptionError: A value is out of range.
    """

    seconds: float = 10.0
    loads: int = 12
    block_seconds: float = 0.02
    threads: int = 1
    kernels: Kernels = Kernels.DEFAULT
    pin: tuple[int, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        require_seconds(self, "seconds", "block_seconds")
        require_least(self, loads=5, threads=1, seed=0)
        require_processors(self.pin)

    def to_json(self) -> dict[str, Any]:
        """Return the options as plain JSON values."""
        return {**asdict(self), "kernels": str(self.kernels), "pin": list(self.pin)}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read options back.

        Raises:
            ResultFormatError: A field is missing, unknown, or of the wrong kind.
            InvalidOptionError: A value is out of range.
        """
        try:
            kernels, pin = Kernels(data["kernels"]), tuple(map(int, data["pin"]))
            return cls(**{**data, "kernels": kernels, "pin": pin})
        except (KeyError, TypeError, ValueError) as error:
            raise ResultFormatError("set of compare options", str(error)) from error
