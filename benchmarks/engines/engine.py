"""The protocol of an engine: a library that runs a model, as one row of the table."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Protocol, Self, runtime_checkable

from numpy.typing import NDArray

from edgekit.benchmarks.engines.case import EngineCase

__all__ = ["EngineDescription", "EngineSession", "Form", "InferenceEngine"]


class Form(StrEnum):
    """In which form of the model an engine computes, which says what it can be held against."""

    BUNDLE = "bundle"  # model.tflite itself: outputs are raw values in its types and axes
    FLOAT = "float"  # the source in floating point: outputs in the source's types and axes
    QUANTIZED = "quantized"  # the source, quantized by another tool: outputs as those of FLOAT


@dataclass(frozen=True, slots=True)
class EngineDescription:
    """What ran.

    Attributes:
        package: Name of the package.
        version: Its version.
        form: Which form of the model it computed in.
        how: What else decides its speed, for example kernels or a provider, in a few words.
    """

    package: str
    version: str
    form: Form
    how: str

    def to_json(self) -> dict[str, Any]:
        """Return the description as plain JSON values."""
        return {**asdict(self), "form": str(self.form)}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read a description back.

        Raises:
            KeyError, TypeError, ValueError: A field is missing, unknown, or of the wrong kind.
        """
        return cls(**{**data, "form": Form(data["form"])})


class EngineSession(Protocol):
    """A model that an engine has loaded and that is ready to run. Made by `prepare`."""

    @property
    def description(self) -> EngineDescription:
        """What runs."""
        ...

    def run(self, sample: int) -> None:
        """Run one inference on the sample of that index in `EngineCase.samples`.

        This is what is timed: from NumPy arrays to NumPy arrays, the way a user of the engine
        would write it. Convert samples to what the engine takes in `prepare`, but copy or hand
        them over here.
        """
        ...

    def outputs(self) -> dict[str, NDArray[Any]]:
        """Return what the last run gave, by the names in `EngineCase.outputs`.

        In the types and axes that `EngineDescription.form` says.
        """
        ...


@runtime_checkable
class InferenceEngine(Protocol):
    """A library that can run a model.

    To add one, write a class with these members and name it as an entry point of the group
    ``edgekit.inference_engines``; the entry point's name is the engine's. The class is called
    without arguments. Nothing needs to be inherited.

    Each engine lives in a process of its own, so that its threads, its memory and its crashes
    are its own: import your library inside `prepare`. How often it runs, in which order, and
    what becomes of the outputs is not its business.
    """

    @property
    def name(self) -> str:
        """A short name for tables and files, for example ``onnxruntime``."""
        ...

    def prepare(self, case: EngineCase) -> EngineSession:
        """Load the model. It is called again for the same case, to load it anew.

        Raises:
            EngineUnavailableError: The library is not installed, the model is not there in a
                form that it takes, or it lacks an operator. The table shows the reason.
        """
        ...
