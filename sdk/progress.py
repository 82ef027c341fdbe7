"""How long work tells where it stands: stages, steps within one, notices and warnings."""

from enum import StrEnum
from typing import Protocol

__all__ = [
    "BenchmarkStage",
    "CompareStage",
    "CompressionStage",
    "EmulationStage",
    "EngineStage",
    "ProfileStage",
    "Progress",
    "SilentProgress",
    "Stage",
]


class Stage(StrEnum):
    """The stages of a build and of a quantization, in order."""

    SOURCE = "read the source"
    SAMPLES = "read the samples"
    LOWER = "lower to float TFLite"
    QUANTIZE = "quantize"
    CONTRACT = "check the contract"
    PARITY = "prove parity"
    WRITE = "write the result"


class CompressionStage(StrEnum):
    """The stages of compressing a file's model by training, in order."""

    SOURCE = "read the model"
    TRAIN = "compress and train"
    WRITE = "write the result"


class BenchmarkStage(StrEnum):
    """The stages of a benchmark, in order."""

    LOAD = "load the model"
    WARM_UP = "warm up"
    MEASURE = "measure"


class EmulationStage(StrEnum):
    """The stages of running a model on an emulated board, in order."""

    GENERATE = "generate C"
    BUILD = "build the firmware"
    LAYERS = "count the layers"
    RUN = "run the samples"


class CompareStage(StrEnum):
    """The stages of comparing two bundles."""

    MEASURE = "run both in turns"


class EngineStage(StrEnum):
    """The stages of comparing engines, in order."""

    LOAD = "load the model into each engine"
    MEASURE = "run the engines in turns"


class ProfileStage(StrEnum):
    """The stages of a profile, in order."""

    CUT = "cut the model after each operator"
    MEASURE = "run the parts in turns"
    PEAKS = "measure what the machine can do"


class Progress(Protocol):
    """Receives what long work reports. Methods must not raise."""

    def stage(self, stage: StrEnum) -> None:
        """A stage begins; the one before has ended."""

    def advance(self, done: int, total: int) -> None:
        """So many steps of the current stage are done."""

    def step(self, name: str) -> None:
        """A named part of the current stage begins; `advance` counts anew."""

    def notice(self, text: str) -> None:
        """Something was decided for the user."""

    def warn(self, text: str) -> None:
        """Something is likely to be wrong."""


class SilentProgress:
    """Reports nothing."""

    def stage(self, stage: StrEnum) -> None:
        """Ignore a stage."""

    def advance(self, done: int, total: int) -> None:
        """Ignore how far it is."""

    def step(self, name: str) -> None:
        """Ignore a step."""

    def notice(self, text: str) -> None:
        """Ignore a notice; it is in the result too."""

    def warn(self, text: str) -> None:
        """Ignore a warning; it is in the result too."""
