"""TensorFlow Lite Micro on this machine: the outputs that microcontrollers compute."""

from importlib.metadata import version
from typing import Any

from numpy.typing import NDArray

from edgekit.benchmarks.engines.case import EngineCase
from edgekit.benchmarks.engines.engine import EngineDescription, Form
from edgekit.benchmarks.engines.errors import EngineUnavailableError
from edgekit.runtime import Kernels, open_interpreter

__all__ = ["Tflm"]

# Enough for any model that a microcontroller could hold; more only where weights are larger.
_ARENA_BYTES = 1 << 24


class Tflm:
    """The interpreter of TensorFlow Lite Micro, with its reference kernels.

    It is here for its outputs, which are those of the boards. Its latency on this machine says
    nothing about a board's.
    """

    name = "tflm"

    def prepare(self, case: EngineCase) -> "TflmSession":
        """Load the model.

        Raises:
            EngineUnavailableError: The package is not installed, or more than one thread is
                asked for, or it refuses the model.
        """
        try:
            from tflite_micro import runtime
        except ModuleNotFoundError as error:
            raise EngineUnavailableError(
                self.name, "tflite-micro is not installed", hint="pip install 'edgekit[mcu]'"
            ) from error
        if case.threads > 1:
            raise EngineUnavailableError(self.name, "it has one thread", hint="pass --threads 1")
        arena = max(_ARENA_BYTES, 4 * len(case.model))
        try:
            interpreter = runtime.Interpreter.from_bytes(case.model, arena_size=arena)
        except RuntimeError as error:
            raise EngineUnavailableError(
                self.name,
                "it refuses the model, most likely for an operator or a type that it lacks",
                hint="`edgekit inspect` with a microcontroller as device names it",
            ) from error
        return TflmSession(case, interpreter)


class TflmSession:
    """A loaded model; see `edgekit.benchmarks.engines.engine.EngineSession`."""

    def __init__(self, case: EngineCase, interpreter: Any) -> None:
        self._interpreter = interpreter
        # It knows its tensors by position alone; a TFLite interpreter lists them in that order.
        named, _ = open_interpreter(case.model, kernels=Kernels.BUILTIN)
        inputs = [detail["name"] for detail in named.get_input_details()]
        self._names = [detail["name"] for detail in named.get_output_details()]
        self._samples = [[sample[name] for name in inputs] for sample in case.samples]
        self._values: list[Any] = []
        self.description = EngineDescription(
            "tflite-micro", version("tflite-micro"), Form.BUNDLE, "its reference kernels"
        )

    def run(self, sample: int) -> None:
        """Copy a sample in, invoke, and copy the outputs out."""
        interpreter = self._interpreter
        for index, value in enumerate(self._samples[sample]):
            interpreter.set_input(value, index)
        interpreter.invoke()
        self._values = [interpreter.get_output(index) for index in range(len(self._names))]

    def outputs(self) -> dict[str, NDArray[Any]]:
        """Return the raw outputs of the last run."""
        return dict(zip(self._names, self._values, strict=True))
