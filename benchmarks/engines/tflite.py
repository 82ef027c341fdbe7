"""Engines that run the bundle's own model: LiteRT with each kind of kernels, and its kin."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.benchmarks.engines.case import EngineCase
from edgekit.benchmarks.engines.engine import EngineDescription, Form
from edgekit.benchmarks.engines.errors import EngineUnavailableError
from edgekit.errors import MissingDependencyError
from edgekit.runtime import Backend, Kernels, open_interpreter

__all__ = ["TfliteEngine"]

_HOW = {
    Kernels.DEFAULT: "XNNPACK where it can",
    Kernels.BUILTIN: "built-in kernels",
    Kernels.REFERENCE: "reference kernels",
}


@dataclass(frozen=True, slots=True)
class TfliteEngine:
    """A TFLite interpreter.

    Attributes:
        name: Its name in tables.
        package: ``ai-edge-litert``, ``tflite-runtime`` or ``tensorflow``.
        kernels: Which operator implementations run.
    """

    name: str
    package: str
    kernels: Kernels = Kernels.DEFAULT

    def prepare(self, case: EngineCase) -> "TfliteSession":
        """Load the model into an interpreter.

        Raises:
            EngineUnavailableError: The package is not installed.
            InterpreterError: It cannot be imported, or refuses the model.
        """
        try:
            interpreter, backend = open_interpreter(
                case.model, threads=case.threads, kernels=self.kernels, backend=self.package
            )
        except MissingDependencyError as error:
            raise EngineUnavailableError(
                self.name,
                f"{self.package} is not installed",
                hint=f"pip install {self.package}",
            ) from error
        return TfliteSession(case, interpreter, backend)


class TfliteSession:
    """A loaded interpreter; see `edgekit.benchmarks.engines.engine.EngineSession`."""

    def __init__(self, case: EngineCase, interpreter: Any, backend: Backend) -> None:
        self._backend = backend
        self._interpreter = interpreter
        given = {detail["name"]: detail for detail in interpreter.get_input_details()}
        made = {detail["name"]: detail for detail in interpreter.get_output_details()}
        self._inputs = [interpreter.tensor(given[spec.name]["index"]) for spec in case.inputs]
        self._outputs = [interpreter.tensor(made[spec.name]["index"]) for spec in case.outputs]
        self._names = [spec.name for spec in case.outputs]
        self._results = [np.empty(spec.shape, spec.dtype) for spec in case.outputs]
        self._samples = [[sample[spec.name] for spec in case.inputs] for sample in case.samples]

    @property
    def description(self) -> EngineDescription:
        """Package, version and kernels."""
        backend = self._backend
        return EngineDescription(
            backend.package, backend.version, Form.BUNDLE, _HOW[backend.kernels]
        )

    def run(self, sample: int) -> None:
        """Copy a sample in, invoke, and copy the outputs out."""
        given = self._samples[sample]
        for index, view in enumerate(self._inputs):
            view()[...] = given[index]
        self._interpreter.invoke()
        for index, view in enumerate(self._outputs):
            self._results[index][...] = view()

    def outputs(self) -> dict[str, NDArray[Any]]:
        """Return the raw outputs of the last run."""
        return dict(zip(self._names, self._results, strict=True))
