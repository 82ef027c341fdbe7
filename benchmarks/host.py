"""The target that every other is compared with: this machine, through `edgekit.runtime`."""

import gc
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from time import perf_counter_ns

import numpy as np
from numpy.typing import NDArray

from edgekit.benchmarks.environment import Environment, capture_environment
from edgekit.benchmarks.errors import TargetError
from edgekit.benchmarks.measurement import Provenance
from edgekit.benchmarks.options import BenchmarkOptions
from edgekit.benchmarks.pinning import Pin
from edgekit.benchmarks.system_state import SystemState, capture_state
from edgekit.benchmarks.target import Inputs, Session
from edgekit.bundle import Bundle
from edgekit.device_profiles import DeviceProfile
from edgekit.runtime import ClosedModelError
from edgekit.runtime.session import Session as RuntimeSession
from edgekit.runtime.tensors import RawTensor

__all__ = ["HostSession", "HostTarget", "open_host"]


@dataclass(frozen=True, slots=True)
class HostTarget:
    """This machine and this process.

    Attributes:
        backend: Interpreter package to use; None takes the first one that is installed.
    """

    backend: str | None = None

    @property
    def name(self) -> str:
        """Its name in results."""
        return "host"

    @property
    def provenance(self) -> Provenance:
        """Real hardware, or what this process takes for it: see `Environment.virtualization`."""
        return Provenance.MEASURED

    def prepare(
        self, bundle: Bundle, inputs: Sequence[Inputs], options: BenchmarkOptions
    ) -> Session:
        """Load a bundle into an interpreter.

        Raises:
            EdgekitError: No interpreter is installed, or it refuses the model.
        """
        return HostSession(bundle, inputs, options, self.backend)


class HostSession:
    """A model loaded in this process; see `edgekit.benchmarks.target.Session`."""

    def __init__(
        self,
        bundle: Bundle,
        inputs: Sequence[Inputs],
        options: BenchmarkOptions,
        backend: str | None = None,
    ) -> None:
        self._pin = Pin(options.pin)
        try:
            self._prepare(bundle, inputs, options, backend)
        except BaseException:
            self._pin.release()
            raise

    def _prepare(
        self,
        bundle: Bundle,
        inputs: Sequence[Inputs],
        options: BenchmarkOptions,
        backend: str | None,
    ) -> None:
        # The first load in a process also imports the interpreter, which is no property of
        # the model and would depend on what ran before.
        self._load(bundle, options, backend)
        start = perf_counter_ns()
        session = self._load(bundle, options, backend)
        self._load_us = (perf_counter_ns() - start) / 1e3
        self._model: RuntimeSession | None = session
        specs = bundle.manifest.inputs
        for sample in inputs:
            for spec in specs:
                RawTensor("input", spec).check(sample[spec.name])
        self._backend = session.backend
        self._name = bundle.manifest.name
        self._inputs = cycle([[sample[spec.name] for spec in specs] for sample in inputs])

    @staticmethod
    def _load(bundle: Bundle, options: BenchmarkOptions, backend: str | None) -> RuntimeSession:
        return RuntimeSession(
            bundle, threads=options.threads, kernels=options.kernels, backend=backend
        )

    @property
    def load_us(self) -> float:
        """Time to make an interpreter ready from the open bundle, in microseconds."""
        return self._load_us

    def environment(self) -> Environment:
        """Return this machine and its software."""
        return capture_environment(self._backend)

    def system_state(self) -> SystemState:
        """Return what may disturb this machine at this moment."""
        return capture_state()

    def run(self, count: int) -> NDArray[np.float64]:
        """Run ``count`` inferences; a latency is that of the interpreter's invoke, nothing else.

        Inputs are copied in before each, outside of what is timed, and outputs stay where they
        are: what MLPerf Tiny and TFLite's benchmark_model time. Python collects no garbage
        meanwhile.

        Raises:
            InterpreterError: The interpreter refused to run.
            ClosedModelError: The session was closed.
        """
        if self._model is None:
            raise ClosedModelError(self._name)
        feed, invoke, clock, inputs = (
            self._model.feed,
            self._model.invoke,
            perf_counter_ns,
            self._inputs,
        )
        elapsed_ns = [0] * count
        collecting = gc.isenabled()
        gc.disable()
        try:
            for index in range(count):
                feed(next(inputs))
                start = clock()
                invoke()
                elapsed_ns[index] = clock() - start
        except (RuntimeError, ValueError) as error:
            raise self._model.failure(error) from error
        finally:
            if collecting:
                gc.enable()
        return np.asarray(elapsed_ns) / 1e3

    def peak_rss_bytes(self) -> int | None:
        """Return the peak resident memory of this whole process since it started.

        It holds Python, its modules and whatever else ran in the process, not just the model.
        """
        try:
            import resource
        except ImportError:  # Windows
            return None
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        # getrusage(2): kibibytes on Linux, bytes on macOS.
        return peak if sys.platform == "darwin" else peak * 1024

    def close(self) -> None:
        """Free the interpreter, and let the process run on all its processors again."""
        self._model = None
        self._pin.release()


def open_host(device: DeviceProfile | None) -> HostTarget:
    """Return this machine, as `edgekit.benchmarks.targets` asks for it.

    Raises:
        TargetError: A device was named, which this machine is not known to be.
    """
    if device is not None:
        raise TargetError(
            "host",
            f"it is this machine, not a '{device.name}'",
            hint="leave the device out, or choose a target that can be it",
        )
    return HostTarget()
