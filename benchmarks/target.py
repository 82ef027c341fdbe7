"""The protocol of a target: where a bundle can be run and measured."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from edgekit.benchmarks.environment import Environment
from edgekit.benchmarks.measurement import Provenance
from edgekit.benchmarks.options import BenchmarkOptions
from edgekit.benchmarks.system_state import SystemState
from edgekit.bundle import Bundle

__all__ = ["Inputs", "Session", "Target"]

# Raw arrays by the names of the inputs, of exactly the types and shapes in the manifest.
Inputs = Mapping[str, NDArray[Any]]


class Session(Protocol):
    """A bundle that is loaded on a target and ready to run. Made by `Target.prepare`.

    A session is used by one thread, in this order: ``load_us``, ``environment()`` and
    ``system_state()`` at any time, ``run()`` any number of times, ``peak_rss_bytes()`` after the
    last run, ``close()`` once.
    """

    @property
    def load_us(self) -> float:
        """How long it took to make the model ready on the target, in microseconds.

        From the verified bundle being there to the moment before the first inference. Importing
        libraries, copying files to a board and flashing it are not part of it.
        """
        ...

    def environment(self) -> Environment:
        """Return what the target and its software are, after the warm-up.

        It describes the target, not the machine that drives it. Results are compared only
        where it is equal: what changes by itself belongs into ``system_state()``.
        """
        ...

    def system_state(self) -> SystemState | None:
        """Return what may disturb the target, at this moment.

        Called before the first window and after each. None where nothing can, because the
        target counts instead of timing.
        """
        ...

    def run(self, count: int) -> Sequence[float] | NDArray[np.float64]:
        """Run ``count`` inferences back to back and return the latency of each.

        - One latency an inference, in the order they ran, in microseconds, none zero or less,
          by a clock of the target itself: the way to a board and back must not be in it.
        - A latency is that of the inference alone, from the call that starts it until its
          outputs can be read. It does not hold copying, converting or sending inputs and
          outputs: what MLPerf Tiny and TFLite's benchmark_model time.
        - The inputs given to `Target.prepare` are taken in turn; a call goes on where the last
          one ended.
        - The first inference of a session is the first that the loaded model makes: no warm-up
          of your own, the caller does that and wants to see the first one.
        - Do as little as possible between two inferences. ``count`` is chosen so that a call
          takes about a tenth of a second, and may be 1.

        Raises:
            TargetError: The target failed, or stopped to answer.
        """
        ...

    def peak_rss_bytes(self) -> int | None:
        """Return the most memory that was resident so far, or None where that has no meaning.

        Of the whole process that runs the model, interpreter and Python included.
        """
        ...

    def close(self) -> None:
        """Free what the session holds on the target; closing twice is fine."""
        ...


@runtime_checkable
class Target(Protocol):
    """Where a bundle runs: this machine, a board, a phone, or an emulation of one.

    To add one, write a class with these three members and a class with those of `Session`, and
    pass an instance to `edgekit.benchmarks.benchmark`. Nothing needs to be inherited. To let
    ``edgekit benchmark --on NAME`` find it, see `edgekit.benchmarks.targets`. What
    differs between two runs on your target belongs in `Session.environment`, what the user
    chooses about the target (an address, a serial port) in your constructor.

    A target only runs. How often, how long, warm-up and statistics are the caller's, so that
    all targets are measured by the same method.
    """

    @property
    def name(self) -> str:
        """A short name for tables and files, for example ``host`` or ``qemu-mps2-an386``."""
        ...

    @property
    def provenance(self) -> Provenance:
        """``MEASURED`` on real hardware, ``EMULATED`` otherwise.

        An emulator's wall-clock time is neither: return latencies from something that it
        counts exactly, or do not offer the target. Estimates are made from a device profile,
        not by a target.
        """
        ...

    def prepare(
        self, bundle: Bundle, inputs: Sequence[Inputs], options: BenchmarkOptions
    ) -> Session:
        """Load a bundle.

        Args:
            bundle: Open and verified.
            inputs: At least one set of raw inputs; all fit the manifest's names.
            options: ``threads``, ``kernels`` and ``pin`` are for the target; refuse what it
                does not have. The rest is the caller's.

        Raises:
            TargetError: The target is not there, or cannot run this bundle with these options.
                Leave nothing behind on the target then.
        """
        ...
