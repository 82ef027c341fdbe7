"""One interpreter bound to a manifest: tensors found by name, checked, and moved without copies."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.bundle import Bundle, TensorSpec
from edgekit.runtime.errors import InterfaceError, InterpreterError
from edgekit.runtime.interpreter import Backend, Kernels, open_interpreter

__all__ = ["Session"]

View = Callable[[], NDArray[Any]]


class Session:
    """A loaded model that takes and gives raw arrays in the manifest's order.

    Attributes:
        backend: What runs the model.
        invoke: The interpreter's own function that runs the model on what was fed last; what it
            raises is for `failure`. For who times it: another call around it would be in the time.

    Raises:
        InterpreterError: The model cannot be loaded.
        InterfaceError: The manifest names other tensors than the model has, or says something
            else about one of them than the model does.
    """

    __slots__ = ("_inputs", "_outputs", "backend", "invoke")

    backend: Backend
    invoke: Callable[[], None]

    def __init__(
        self, bundle: Bundle, *, threads: int, kernels: Kernels, backend: str | None
    ) -> None:
        interpreter, self.backend = open_interpreter(
            bundle.model, threads=threads, kernels=kernels, backend=backend
        )
        manifest = bundle.manifest
        for spec in manifest.inputs:
            _check_axes(bundle.path, spec)
        inputs = _indices(bundle.path, manifest.inputs, interpreter.get_input_details())
        outputs = _indices(bundle.path, manifest.outputs, interpreter.get_output_details())
        self.invoke = interpreter.invoke
        # Functions that give a view: the views themselves must not outlive the next invoke.
        self._inputs: tuple[View, ...] = tuple(map(interpreter.tensor, inputs))
        self._outputs: tuple[View, ...] = tuple(map(interpreter.tensor, outputs))

    def run(self, inputs: Sequence[NDArray[Any]], outputs: Sequence[NDArray[Any]]) -> None:
        """Copy ``inputs`` in, run, and copy the results into ``outputs``.

        The arrays are as many as the tensors, in the manifest's order, and have exactly their
        types and shapes; this is not checked here.

        Raises:
            InterpreterError: An operator refused its input.
        """
        self.feed(inputs)
        try:
            self.invoke()
        except (RuntimeError, ValueError) as error:
            raise self.failure(error) from error
        for index, view in enumerate(self._outputs):
            outputs[index][...] = view()

    def run_one(self, given: NDArray[Any], result: NDArray[Any]) -> None:
        """Do what `run` does, for a model with one input and one output."""
        self._inputs[0]()[...] = given
        try:
            self.invoke()
        except (RuntimeError, ValueError) as error:
            raise self.failure(error) from error
        result[...] = self._outputs[0]()

    def feed(self, inputs: Sequence[NDArray[Any]]) -> None:
        """Copy ``inputs`` in, as `run` takes them."""
        # By index, here and in `run`: a strict zip costs as much as the copy itself.
        for index, view in enumerate(self._inputs):
            view()[...] = inputs[index]

    def failure(self, error: Exception) -> InterpreterError:
        """Return the error to raise for what `invoke` raised."""
        return InterpreterError(
            f"{self.backend} failed while running the model",
            str(error).strip(),
            hint="check that the inputs are values that the model was made for",
        )


def _indices(
    path: Path, specs: Sequence[TensorSpec], details: Sequence[dict[str, Any]]
) -> list[int]:
    found = {detail["name"]: detail for detail in details}
    names = [spec.name for spec in specs]
    for name in found:
        if name not in names:
            raise InterfaceError(path, name, "the manifest does not mention it")
    for spec in specs:
        if spec.name not in found:
            raise InterfaceError(path, spec.name, f"the model has {', '.join(found) or 'nothing'}")
        why = _difference(spec, found[spec.name])
        if why:
            raise InterfaceError(path, spec.name, why)
    return [int(found[name]["index"]) for name in names]


def _difference(spec: TensorSpec, detail: dict[str, Any]) -> str | None:
    dtype, shape = np.dtype(detail["dtype"]).name, tuple(map(int, detail["shape"]))
    if spec.dtype != dtype:
        return f"it says {spec.dtype}, the model {dtype}"
    if spec.shape != shape:
        return f"it says shape {spec.shape}, the model {shape}"
    if spec.scale is None:
        return None
    scale, zero_point = detail["quantization"]
    if (np.float32(spec.scale), spec.zero_point) != (np.float32(scale), zero_point):
        return (
            f"it says scale {spec.scale} and zero point {spec.zero_point}, "
            f"the model {scale} and {zero_point}"
        )
    return None


def _check_axes(path: Path, spec: TensorSpec) -> None:
    rank = len(spec.shape)
    if sorted(spec.axes) != list(range(rank)) or len(spec.source_shape) != rank:
        raise InterfaceError(path, spec.name, f"axes {spec.axes} do not order {rank} axes")
    moved = tuple(spec.source_shape[axis] for axis in spec.axes)
    if moved != spec.shape:
        why = f"axes {spec.axes} turn the source's shape {spec.source_shape} into {moved}"
        raise InterfaceError(path, spec.name, why)
    if spec.image is not None and rank != 4:
        raise InterfaceError(path, spec.name, f"shape {spec.shape} is not that of pictures, NHWC")
