"""A model with memory: outputs that are its hidden state become inputs of the next call."""

from collections.abc import Mapping
from threading import Lock, current_thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.bundle import TensorSpec
from edgekit.errors import UnknownNameError
from edgekit.runtime.errors import ValueMismatchError
from edgekit.runtime.model import Model
from edgekit.runtime.streaming.errors import ConcurrentUseError, StreamSettingError

__all__ = ["StatefulModel"]


class StatefulModel:
    """Runs a recurrent model step by step.

    The state is kept as real values (integers where the tensors are not quantized). Where output
    and input have the same scale and zero point, it comes back as the same integers; where they
    differ, it is quantized anew, as between two layers.

    One thread at a time: two at once are refused with both their names, because what comes out
    depends on the order of the calls. The model itself may be shared.

    Args:
        model: The model; it stays the caller's to close.
        feedback: Which output becomes which input: ``{"state_out": "state_in"}``.
        initial: The state before the first call, by the names of the inputs and in their shape;
            zeros where it is not given.

    Raises:
        UnknownNameError: The model has no such output or input.
        StreamSettingError: ``feedback`` is empty, two outputs feed one input, shapes or kinds of
            numbers differ, or an initial state does not fit.
    """

    def __init__(
        self,
        model: Model,
        feedback: Mapping[str, str],
        *,
        initial: Mapping[str, NDArray[Any]] | None = None,
    ) -> None:
        inputs = {spec.name: spec for spec in model.inputs}
        outputs = {spec.name: spec for spec in model.outputs}
        if not feedback:
            raise StreamSettingError("feedback", "it is empty", hint="call the model itself")
        if len(set(feedback.values())) != len(feedback):
            raise StreamSettingError(
                "feedback", "two outputs feed one input", hint="give each output its own input"
            )
        for source, target in feedback.items():
            if source not in outputs:
                raise UnknownNameError("output", source, outputs)
            if target not in inputs:
                raise UnknownNameError("input", target, inputs)
            _check_connection(outputs[source], inputs[target])
        self._model = model
        self._feedback = dict(feedback)
        self._initial = {
            target: np.zeros(inputs[target].shape, _state_type(inputs[target]))
            for target in feedback.values()
        }
        for target, value in (initial or {}).items():
            if target not in self._initial:
                raise UnknownNameError("state", target, self._initial)
            self._initial[target] = _checked(inputs[target], value)
        self._free = tuple(name for name in inputs if name not in self._initial)
        self._busy = Lock()
        self._holder = ""
        self._state = dict(self._initial)

    @property
    def state(self) -> dict[str, NDArray[Any]]:
        """The state that the next call starts from, by input; copies, as real values."""
        return {name: value.copy() for name, value in self._state.items()}

    def __call__(self, inputs: Any = None) -> dict[str, NDArray[Any]]:
        """Run one step and keep the state.

        Args:
            inputs: The inputs that are not state: by name, or a single one by itself, or none
                where there are none. Arrays have the axes of ``model.tflite``.

        Returns:
            The outputs by name, those that are state included. When a call fails, the state
            stays as it was.

        Raises:
            ValueMismatchError: A value does not fit its input.
            InterpreterError: The interpreter refused to run.
            ClosedModelError: The model was closed.
            ConcurrentUseError: Another thread is in a call.
        """
        if not self._busy.acquire(blocking=False):
            raise ConcurrentUseError("a StatefulModel", self._holder, current_thread().name)
        try:
            self._holder = current_thread().name
            outputs = self._model({**self._given(inputs), **self._state})
            self._state = {
                target: outputs[source].copy() for source, target in self._feedback.items()
            }
            return outputs
        finally:
            self._busy.release()

    def reset(self) -> None:
        """Go back to the initial state, as at the start of a new sequence.

        Raises:
            ConcurrentUseError: Another thread is in a call.
        """
        if not self._busy.acquire(blocking=False):
            raise ConcurrentUseError("a StatefulModel", self._holder, current_thread().name)
        self._state = dict(self._initial)
        self._busy.release()

    def _given(self, inputs: Any) -> Mapping[str, Any]:
        if inputs is None:
            return {}
        if not isinstance(inputs, Mapping):
            if len(self._free) == 1:
                return {self._free[0]: inputs}
            raise ValueMismatchError(
                "inputs",
                f"{len(self._free)} are not state: {', '.join(self._free) or 'none'}",
                hint="give them by name",
            )
        for name in inputs:
            if name in self._initial:
                raise ValueMismatchError(
                    f"input '{name}'", "it is state, which is fed back", hint="leave it out"
                )
        return inputs


def _check_connection(output: TensorSpec, given: TensorSpec) -> None:
    edge = f"'{output.name}' -> '{given.name}'"
    if output.shape != given.shape or output.axes != given.axes:
        raise StreamSettingError(
            f"feedback {edge}",
            f"shape {output.shape} with axes {output.axes} does not become "
            f"shape {given.shape} with axes {given.axes}",
            hint="connect the state's own output and input",
        )
    if _state_type(output) != _state_type(given):
        raise StreamSettingError(
            f"feedback {edge}",
            f"{output.dtype} values do not become {given.dtype} values",
            hint="both must be real (float or quantized), or both the same integers",
        )


def _state_type(spec: TensorSpec) -> np.dtype[Any]:
    """Return the type of a tensor's values as a call of the model gives them."""
    return np.dtype(np.float32 if spec.scale is not None else spec.dtype)


def _checked(spec: TensorSpec, value: Any) -> NDArray[Any]:
    array = np.asarray(value)
    wanted = _state_type(spec)
    if array.shape != spec.shape or array.dtype.kind != wanted.kind:
        raise StreamSettingError(
            f"initial state '{spec.name}'",
            f"{array.dtype} values of shape {array.shape} are given",
            hint=f"give {wanted} values of shape {spec.shape}",
        )
    converted = array.astype(wanted)
    if wanted.kind in "iu" and not np.array_equal(converted, array):
        raise StreamSettingError(
            f"initial state '{spec.name}'", f"its values do not fit {wanted}", hint="smaller ones"
        )
    return converted
