"""The protocol of an engine: what turns a source into an integer TFLite model."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self

from edgekit.converters.interface import Interface, SourceLink
from edgekit.converters.removed_channels import RemovedChannels
from edgekit.converters.request import QuantizationRequest
from edgekit.converters.sources.base import Sample, SourceModel
from edgekit.converters.trained_grid import TrainedGrid
from edgekit.errors import EdgekitError

__all__ = ["Engine", "EngineError", "Interface", "LoweredModel", "QuantizationRequest"]


class EngineError(EdgekitError):
    """An engine could not lower or quantize a model."""

    def __init__(
        self, message: str, *, log: Path, hint: str | None = None, details: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message, hint=f"{hint or 'the whole story'}: see {log}", details=details)
        self.log = log


@dataclass(frozen=True, slots=True)
class LoweredModel:
    """A float TFLite model whose outputs were proved equal to the source's.

    Attributes:
        tflite: The float model; inputs and outputs named and ordered as in the source.
        inputs: In the source's order.
        outputs: In the source's order.
        origins: TFLite tensor name -> name of the source's node that made it, where known.
        links: TFLite tensor name -> the source's tensor that it stands for or is made from;
            empty where the engine does not know.
        directory: Where the engine keeps what it needs to quantize.
        from_cache: True when an earlier lowering was reused.
        grids: TFLite tensor name -> the grid that training chose for it.
        removed: Channels that nobody needs, and whether the model does without them; None where
            there are none.
    """

    tflite: bytes = field(repr=False)
    inputs: tuple[Interface, ...]
    outputs: tuple[Interface, ...]
    origins: Mapping[str, str] = field(repr=False)
    directory: Path
    from_cache: bool
    links: Mapping[str, SourceLink] = field(default_factory=dict, repr=False)
    grids: Mapping[str, TrainedGrid] = field(default_factory=dict, repr=False)
    removed: RemovedChannels | None = None


class Engine(Protocol):
    """Turns sources into TFLite models. Used as a context manager; not shared by threads.

    An engine keeps interface names and order, states every axis that it moves, and raises
    :class:`EngineError` rather than return a model it knows to differ from the source.
    """

    name: str

    @property
    def version(self) -> str:
        """Versions of what decides the result, for the manifest and for cache keys."""
        ...

    def __enter__(self) -> Self:
        """Acquire what the engine needs."""
        ...

    def __exit__(self, *error: object) -> None:
        """Release it, also after an error or Ctrl-C."""
        ...

    def lower(self, source: SourceModel) -> LoweredModel:
        """Make the float TFLite model."""
        ...

    def quantize(
        self, lowered: LoweredModel, request: QuantizationRequest, samples: Iterable[Sample]
    ) -> bytes:
        """Make the model asked for, calibrated on ``samples`` (in the source's layout)."""
        ...
