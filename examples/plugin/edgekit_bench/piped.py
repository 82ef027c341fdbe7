"""A target at the other end of a pipe: another Python here, or a board behind ssh."""

import base64
import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.benchmarks import (
    BenchmarkOptions,
    Environment,
    Inputs,
    Provenance,
    Session,
    SystemState,
    TargetError,
)
from edgekit.bundle import Bundle
from edgekit.device_profiles import DeviceProfile


def open_piped(device: DeviceProfile | None) -> "PipedTarget":
    """Return the target; ``$EDGEKIT_PIPED`` may be, for example, ``ssh pi python3``."""
    if device is not None:
        raise TargetError("piped", "it takes no device", hint="leave out --device")
    python = os.environ.get("EDGEKIT_PIPED", shlex.quote(sys.executable))
    return PipedTarget((*shlex.split(python), "-m", "edgekit_bench.worker"))


@dataclass(frozen=True, slots=True)
class PipedTarget:
    """What a command starts, that speaks as `edgekit_bench.worker` does."""

    command: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its name in results."""
        return "piped"

    @property
    def provenance(self) -> Provenance:
        """The other end times real runs."""
        return Provenance.MEASURED

    def prepare(
        self, bundle: Bundle, inputs: Sequence[Inputs], options: BenchmarkOptions
    ) -> Session:
        """Start the worker and send it the bundle."""
        return PipedSession(self.command, bundle, inputs, options)


class PipedSession:
    """A worker that has loaded the bundle."""

    def __init__(
        self,
        command: Sequence[str],
        bundle: Bundle,
        inputs: Sequence[Inputs],
        options: BenchmarkOptions,
    ) -> None:
        self._worker = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        arguments = {
            "bundle": _text(bundle.path.read_bytes()),
            "inputs": [_packed(sample) for sample in inputs],
            "options": options.to_json(),
        }
        try:
            self._load_us = float(self._ask("prepare", **arguments))
        except TargetError:
            self.close()
            raise

    @property
    def load_us(self) -> float:
        """As the other end timed it."""
        return self._load_us

    def environment(self) -> Environment:
        """Return what the other end is."""
        return Environment.from_json(self._ask("environment"))

    def system_state(self) -> SystemState:
        """Return what may disturb the other end."""
        return SystemState.from_json(self._ask("system_state"))

    def run(self, count: int) -> NDArray[np.float64]:
        """Run there; latencies are by the other end's clock."""
        return np.asarray(self._ask("run", count=count), np.float64)

    def peak_rss_bytes(self) -> int | None:
        """Return the memory of the other end."""
        return int(self._ask("peak_rss_bytes"))

    def close(self) -> None:
        """Hang up; the worker ends by itself."""
        if self._worker.stdin is not None and not self._worker.stdin.closed:
            self._worker.communicate()

    def _ask(self, what: str, **arguments: Any) -> Any:
        pipes = self._worker.stdin, self._worker.stdout
        if pipes[0] is None or pipes[1] is None:
            raise TargetError("piped", "it has no pipes")
        try:
            pipes[0].write(json.dumps({"what": what, **arguments}) + "\n")
            pipes[0].flush()
            answer = json.loads(pipes[1].readline())
        except (OSError, ValueError) as error:
            raise TargetError("piped", "the other end hung up", hint="see its messages") from error
        if "error" in answer:
            raise TargetError("piped", answer["error"])
        return answer["value"]


def _packed(sample: Inputs) -> str:
    file = io.BytesIO()
    np.savez(file, **sample)
    return _text(file.getvalue())


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
