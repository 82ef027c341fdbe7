"""How long work tells where it stands: stages, steps within one, notices and warnings."""

from enum import StrEnum
from typing import Protocol

__all__ = ["Progress", "SilentProgress", "Stage"]


class Stage(StrEnum):
    """The stages of a build and of a quantization, in order."""

    SOURCE = "read the source"
    SAMPLES = "read the samples"
    LOWER = "lower to float TFLite"
    QUANTIZE = "quantize"
    CONTRACT = "check the contract"
    PARITY = "prove parity"
    WRITE = "write the result"


class Progress(Protocol):
    """Receives what a build reports. Methods must not raise."""

    def stage(self, stage: Stage) -> None:
        """A stage begins; the one before has ended."""

    def advance(self, done: int, total: int) -> None:
        """So many steps of the current stage are done."""

    def notice(self, text: str) -> None:
        """Something was decided for the user."""

    def warn(self, text: str) -> None:
        """Something is likely to be wrong."""


class SilentProgress:
    """Reports nothing."""

    def stage(self, stage: Stage) -> None:
        """Ignore a stage."""

    def advance(self, done: int, total: int) -> None:
        """Ignore a step."""

    def notice(self, text: str) -> None:
        """Ignore a notice; it is in the result too."""

    def warn(self, text: str) -> None:
        """Ignore a warning; it is in the result too."""
