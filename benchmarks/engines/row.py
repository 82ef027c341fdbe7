"""One engine's row in the table: what it ran, how long that took, and what came out."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from edgekit.benchmarks.engines.checking import OutputCheck
from edgekit.benchmarks.engines.engine import EngineDescription

__all__ = ["Block", "EngineRow"]


@dataclass(frozen=True, slots=True)
class Block:
    """Runs back to back.

    Attributes:
        round: In which round.
        load: How often the model had been loaded before it.
        samples_us: Latency of each run, in the order they ran.
    """

    round: int
    load: int
    samples_us: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class EngineRow:
    """What became of one engine.

    Attributes:
        engine: Its name.
        reason: Why there is no latency; None where there is one.
        hint: What to do about it.
        description: What ran, None where it did not come to that.
        prepare_us: From the model's bytes to the engine being ready, imports included.
        first_inference_us: Latency of the first inference after that.
        peak_rss_bytes: Most memory that its process had resident, Python included.
        blocks: In the order they ran.
        checks: Its outputs held against those of other engines.
    """

    engine: str
    reason: str | None = None
    hint: str | None = None
    description: EngineDescription | None = None
    prepare_us: float | None = None
    first_inference_us: float | None = None
    peak_rss_bytes: int | None = None
    blocks: tuple[Block, ...] = ()
    checks: tuple[OutputCheck, ...] = ()

    @property
    def measured(self) -> bool:
        """Whether there is a latency."""
        return self.reason is None

    @property
    def agrees(self) -> bool:
        """Whether its outputs are as near to the others' as is to be expected."""
        return all(check.agrees for check in self.checks)

    def to_json(self) -> dict[str, Any]:
        """Return the row as plain JSON values."""
        return {
            **asdict(self),
            "description": None if self.description is None else self.description.to_json(),
            "blocks": [
                {**asdict(block), "samples_us": list(block.samples_us)} for block in self.blocks
            ],
            "checks": [check.to_json() for check in self.checks],
        }

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read a row back.

        Raises:
            KeyError, TypeError, ValueError: A field is missing, unknown, or of the wrong kind.
        """
        described = data["description"]
        return cls(
            **{
                **data,
                "description": None
                if described is None
                else EngineDescription.from_json(described),
                "blocks": _blocks(data["blocks"]),
                "checks": tuple(map(OutputCheck.from_json, data["checks"])),
            }
        )


def _blocks(data: Sequence[Any]) -> tuple[Block, ...]:
    return tuple(
        Block(int(item["round"]), int(item["load"]), tuple(map(float, item["samples_us"])))
        for item in data
    )
