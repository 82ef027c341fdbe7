"""A bundle that runs: natural values in, named results out, or raw arrays on the hot path."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from edgekit.bundle import Bundle, Manifest, TensorSpec
from edgekit.runtime.errors import ClosedModelError, InterfaceError, ValueMismatchError
from edgekit.runtime.inputs import ArrayLayout, encode
from edgekit.runtime.interpreter import Backend, Kernels
from edgekit.runtime.quantization import dequantize
from edgekit.runtime.session import Session
from edgekit.runtime.tensors import RawTensor, by_name

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

__all__ = ["Classification", "Model"]


@dataclass(frozen=True, slots=True)
class Classification:
    """One class and how sure the model is of it.

    Attributes:
        label: From the bundle's labels, the index of the class where it has none.
        score: The model's output for the class, dequantized.
    """

    label: str
    score: float


class Model:
    """A model loaded from a bundle.

    What an input takes, in this order:

    - A picture, where the input declares image preprocessing: a uint8 array
      ``[height, width]`` or ``[height, width, channels]`` (or a batch of them), a Pillow image,
      or the path of an image file. It is resized, normalised and quantized as declared.
    - An array of floats: values as the source model takes them, already normalised. Quantized
      with the input's scale and zero point where the input is quantized.
    - An array of exactly the type of a quantized input: raw integers, used as they are.
    - An array of any integer type for an integer input that is not quantized (token ids): cast
      if every value fits.

    Everything else is an error. Shapes must be the input's, but for a missing batch axis of 1.
    An array has the axes of ``model.tflite`` (for pictures: NHWC) with ``layout="model"`` and
    those of the source model (NCHW) with ``layout="source"``; which of the two is never guessed.
    One input may be given by itself; several are a mapping by name.

    One Model may be shared by threads and by tasks of asyncio: a lock lets one call at a time
    into the interpreter, the others wait, and `close` waits for the call that runs. Models in
    different threads run side by side.

    Args:
        bundle: An open bundle, or the path of one.
        threads: How many threads one call may use.
        kernels: Which operator implementations to run.
        backend: Interpreter package to use; None takes the first one that is installed.

    Attributes:
        manifest: What the bundle says about the model.
        inputs: In the order of the source model.
        outputs: In the order of the source model.
        labels: The label of each class, empty where the bundle has none.
        backend: What runs the model.

    Raises:
        BundleError: The bundle cannot be read or trusted.
        InterpreterError: The interpreter refuses the model.
        InterfaceError: The manifest does not fit the model.
        MissingDependencyError: No interpreter is installed.
        UnknownNameError: No such backend.
    """

    manifest: Manifest
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    labels: tuple[str, ...]
    backend: Backend

    def __init__(
        self,
        bundle: Bundle | str | Path,
        *,
        threads: int = 1,
        kernels: Kernels = Kernels.DEFAULT,
        backend: str | None = None,
    ) -> None:
        opened = bundle if isinstance(bundle, Bundle) else Bundle.open(bundle)
        session = Session(opened, threads=threads, kernels=kernels, backend=backend)
        self.manifest = opened.manifest
        self.inputs, self.outputs = self.manifest.inputs, self.manifest.outputs
        self.labels = opened.labels
        self.backend = session.backend
        self._path = opened.path
        self._lock = Lock()
        self._session: Session | None = session
        self._worker: ThreadPoolExecutor | None = None
        self._worker_lock = Lock()  # never held while the model runs
        self._raw_inputs = tuple(RawTensor("input", spec) for spec in self.inputs)
        self._raw_outputs = tuple(RawTensor("output", spec) for spec in self.outputs)
        raws = (*self._raw_inputs, *self._raw_outputs)
        self._only = raws if len(self._raw_inputs) == len(self._raw_outputs) == 1 else None

    def __call__(self, inputs: Any, *, layout: ArrayLayout = "model") -> dict[str, NDArray[Any]]:
        """Run the model on natural values.

        Args:
            inputs: One value, or values by the names of the inputs; see the class.
            layout: Whose axes arrays have.

        Returns:
            The outputs by name, in the axes of ``model.tflite``: float32 where they are
            quantized, as they are elsewhere.

        Raises:
            ValueMismatchError: A value does not fit its input.
            InterpreterError: The interpreter refused to run.
            ClosedModelError: The model was closed.
        """
        self._open_session()
        feeds = [
            encode(spec, value, layout)
            for spec, value in zip(
                self.inputs, by_name("input", self._raw_inputs, inputs), strict=True
            )
        ]
        results = [np.empty(raw.shape, raw.dtype) for raw in self._raw_outputs]
        with self._lock:
            self._open_session().run(feeds, results)
        return {
            spec.name: result
            if spec.scale is None
            else dequantize(result, spec.scale, spec.zero_point or 0)
            for spec, result in zip(self.outputs, results, strict=True)
        }

    async def run_async(
        self, inputs: Any, *, layout: ArrayLayout = "model"
    ) -> dict[str, NDArray[Any]]:
        """Do what a call of the model does, while the event loop goes on.

        The model has one thread for this; what is awaited at the same time runs there one after
        the other, in the order in which it was asked for. Cancelling drops a call that waits;
        one that runs ends by itself, and its result is dropped. The inputs must not change
        before the result is there.

        Args:
            inputs: As for a call of the model.
            layout: Whose axes arrays have.

        Returns:
            The outputs by name, as a call of the model gives them.

        Raises:
            ValueMismatchError: A value does not fit its input.
            InterpreterError: The interpreter refused to run.
            ClosedModelError: The model was closed, perhaps while this call waited.
        """
        from asyncio import wrap_future  # slow to import, and there already if this is awaited

        return await wrap_future(self._submit(inputs, layout))

    def warm_up(self, runs: int = 1) -> None:
        """Run the model on zeros, so that the first call that counts is as fast as the others.

        The first run packs weights, fills caches and maps memory.

        Args:
            runs: How often, at least once.

        Raises:
            ValueMismatchError: ``runs`` is not positive.
            InterpreterError: The interpreter refused to run.
            ClosedModelError: The model was closed.
        """
        if runs < 1:
            raise ValueMismatchError("runs", f"{runs} were asked for", hint="give 1 or more")
        feeds = [
            np.full(spec.shape, spec.zero_point or 0, np.dtype(spec.dtype)) for spec in self.inputs
        ]
        results = [np.empty(raw.shape, raw.dtype) for raw in self._raw_outputs]
        for _ in range(runs):
            with self._lock:
                self._open_session().run(feeds, results)

    def classify(
        self, inputs: Any, *, top: int = 5, layout: ArrayLayout = "model"
    ) -> tuple[Classification, ...]:
        """Run a classifier and return its best classes, the best first.

        Args:
            inputs: As for a call of the model.
            top: How many classes to return at most.
            layout: Whose axes arrays have.

        Raises:
            ValueMismatchError: The model is no classifier (one output, one vector of scores), a
                value does not fit its input, or ``top`` is not positive.
            InterfaceError: The bundle has more or fewer labels than the model has classes.
        """
        if top < 1:
            raise ValueMismatchError("top", f"{top} classes were asked for", hint="give 1 or more")
        shapes = {spec.name: spec.shape for spec in self.outputs}
        (name, shape), *others = shapes.items()
        count = int(np.prod(shape))
        floats = self.outputs[0].scale is not None or self.outputs[0].dtype.startswith("float")
        if others or not floats or shape[-1:] != (count,):
            raise ValueMismatchError(
                f"model '{self.manifest.name}'",
                f"it is no classifier with one vector of scores: its outputs are {shapes}",
                hint="call the model and read its outputs by name",
            )
        if self.labels and len(self.labels) != count:
            raise InterfaceError(self._path, name, f"{len(self.labels)} labels, {count} classes")
        scores = self(inputs, layout=layout)[name].reshape(-1)
        best = np.argsort(-scores, kind="stable")[:top].tolist()
        labels = self.labels or range(count)
        return tuple(Classification(str(labels[index]), float(scores[index])) for index in best)

    def run_into(
        self,
        inputs: NDArray[Any] | Mapping[str, NDArray[Any]],
        outputs: NDArray[Any] | Mapping[str, NDArray[Any]],
    ) -> None:
        """Run on raw arrays and write the results into given ones, allocating nothing.

        Args:
            inputs: One array, or arrays by name, of exactly the inputs' types and shapes.
            outputs: One array, or arrays by name, of exactly the outputs' types and shapes.

        Raises:
            ValueMismatchError: An array has another type or shape, or cannot be written to.
            InterpreterError: The interpreter refused to run.
            ClosedModelError: The model was closed.
        """
        # One input and one output, as most models have: no names to look up. Written out,
        # because beside a small model each call of a function shows; what does not pass here
        # is refused below, with its reason.
        only = self._only
        if (
            only is not None
            and isinstance(inputs, np.ndarray)
            and isinstance(outputs, np.ndarray)
            and inputs.dtype is only[0].dtype
            and outputs.dtype is only[1].dtype
            and inputs.shape == only[0].shape
            and outputs.shape == only[1].shape
            and outputs.flags.writeable
        ):
            with self._lock:
                if self._session is not None:
                    self._session.run_one(inputs, outputs)
                    return
        feeds = by_name("input", self._raw_inputs, inputs)
        results = by_name("output", self._raw_outputs, outputs)
        for index, raw in enumerate(self._raw_inputs):
            raw.check(feeds[index])
        for index, raw in enumerate(self._raw_outputs):
            raw.check(results[index], writeable=True)
        with self._lock:
            self._open_session().run(feeds, results)

    def close(self) -> None:
        """Free the interpreter, after the call that is running; closing twice is fine.

        Calls of `run_async` that still wait end with `ClosedModelError`.
        """
        with self._lock:
            self._session = None
        with self._worker_lock:
            if self._worker is not None:
                self._worker.shutdown(wait=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _submit(self, inputs: Any, layout: ArrayLayout) -> "Future[dict[str, NDArray[Any]]]":
        from concurrent.futures import ThreadPoolExecutor  # slow to import, few models need it

        with self._worker_lock:
            self._open_session()
            if self._worker is None:
                name = f"edgekit-{self.manifest.name}"
                self._worker = ThreadPoolExecutor(1, thread_name_prefix=name)
            return self._worker.submit(self, inputs, layout=layout)

    def _open_session(self) -> Session:
        if self._session is None:
            raise ClosedModelError(self.manifest.name)
        return self._session
