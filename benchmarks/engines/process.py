"""The parent's side of an engine's process: requests, answers, crashes and silence."""

import os
import signal
import subprocess
import sys
import tempfile
from multiprocessing.connection import Connection, Pipe
from types import TracebackType
from typing import Any, Self

from edgekit.benchmarks.engines.case import EngineCase
from edgekit.benchmarks.engines.errors import EngineFailedError

__all__ = ["EngineProcess"]

_LAST_LINES = 3


class EngineProcess:
    """An engine in a process of its own; used as a context manager.

    Args:
        engine: Its name.
        case: What it shall run.
        timeout_seconds: How long one answer may take.
    """

    def __init__(self, engine: str, case: EngineCase, *, timeout_seconds: float) -> None:
        self._engine = engine
        self._case = case
        self._timeout = timeout_seconds

    def __enter__(self) -> Self:
        """Start the process."""
        ours: Connection[Any, Any]
        ours, theirs = Pipe()
        self._said = tempfile.TemporaryFile()
        with theirs:
            descriptor = theirs.fileno()
            # No working directory on its path (-P): a file of the user's named torch.py is not
            # torch. And no pickled code from a .pt2, whatever torch's default is.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "edgekit.benchmarks.engines.worker", str(descriptor)],
                pass_fds=(descriptor,),
                stdin=subprocess.DEVNULL,
                stdout=self._said,
                stderr=self._said,
                start_new_session=True,
                env={**os.environ, "TORCH_FORCE_WEIGHTS_ONLY_LOAD": "1"},
            )
        self._connection = ours
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process, whatever it is doing."""
        self._connection.close()
        self._process.kill()
        self._process.wait()
        self._said.close()

    def prepare(self) -> None:
        """Load the model.

        Raises:
            EdgekitError: What the engine said; `EngineFailedError` if it said nothing.
        """
        self._exchange((self._engine, self._case))

    def ask(self, method: str, *arguments: Any) -> Any:
        """Call a method of the `Worker` and return its result.

        Raises:
            EdgekitError: What the engine said; `EngineFailedError` if it said nothing.
        """
        return self._exchange((method, arguments))

    def _exchange(self, request: object) -> Any:
        try:
            self._connection.send(request)
            if not self._connection.poll(self._timeout):
                raise EngineFailedError(
                    self._engine,
                    f"it did not answer within {self._timeout:g} seconds",
                    hint="leave it out, or allow more time",
                )
            succeeded, answer = self._connection.recv()
        except (EOFError, ConnectionError) as error:
            raise EngineFailedError(
                self._engine, self._end(), hint="leave it out, or run it by itself to see more"
            ) from error
        if not succeeded:
            raise answer
        return answer

    def _end(self) -> str:
        """Say how the process ended, with the last lines that it printed."""
        code = self._process.wait()
        how = f"it exited with status {code}"
        if code < 0:
            how = f"it was ended by {signal.Signals(-code).name}"
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").split("\n")
        last = [line.strip() for line in lines if line.strip()][-_LAST_LINES:]
        return f"{how}: {' | '.join(last)}" if last else how
