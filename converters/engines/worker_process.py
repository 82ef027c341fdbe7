"""A child process that takes commands as JSON lines, so that a crash of its own stays there."""

import json
import os
import signal
import subprocess
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path
from typing import Any

from edgekit.converters.engines.base import EngineError

__all__ = ["StepFailedError", "WorkerProcess"]


class StepFailedError(EngineError):
    """A command that the child process answered with an error.

    Attributes:
        step: The command.
        text: The child's whole error.
    """

    def __init__(self, step: str, text: str, *, log: Path) -> None:
        self.step, self.text = step, text
        super().__init__(f"the {step} step failed: {self.first_line}", log=log)

    @property
    def first_line(self) -> str:
        """The error's type and the first line that says something."""
        lines = [line.strip() for line in self.text.splitlines() if line.strip()]
        count = 2 if lines and lines[0].endswith(":") else 1
        return " ".join(lines[:count])[:300] or "no reason given"


class WorkerProcess:
    """Runs a module of ours as ``python -m MODULE REPLY_FD`` in a scratch folder.

    Its output goes to the log; its replies come over a pipe of their own. It runs in its own
    process group, so that Ctrl-C reaches us alone and we end it, and it ends by itself when
    our end of its input closes.

    Args:
        module: What to run.
        folder: Its current directory.
        log: Where its output goes.
        environment: Variables on top of our own.
    """

    def __init__(
        self, module: str, *, folder: Path, log: Path, environment: dict[str, str]
    ) -> None:
        self._log = log
        replies, child_end = os.pipe()
        scripts = sysconfig.get_path("scripts")
        try:
            with log.open("ab") as output:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", module, str(child_end)],
                    cwd=folder,
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=output,
                    pass_fds=(child_end,),
                    start_new_session=True,
                    text=True,
                    env={
                        **os.environ,
                        # Tools that the module starts lie beside our interpreter, also when
                        # its environment was not activated.
                        "PATH": f"{scripts}{os.pathsep}{os.environ.get('PATH', '')}",
                        # What it does not remove itself goes with the folder.
                        "TMPDIR": str(folder),
                        **environment,
                    },
                )
        finally:
            os.close(child_end)
        self._replies = os.fdopen(replies)

    def call(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Send a command and wait for its reply.

        Raises:
            StepFailedError: The command failed.
            EngineError: The process died of it.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"command": command, **arguments}) + "\n")
            self._process.stdin.flush()
            line = self._replies.readline()
        except BrokenPipeError:
            line = ""
        except BaseException:
            # Its late reply would be taken for that of the next command.
            self._kill()
            raise
        if not line.endswith("\n"):
            code = self._process.wait()
            raise EngineError(
                f"the {command} step crashed (exit status {code})",
                log=self._log,
                hint="the model uses something the engine cannot handle",
            )
        reply: dict[str, Any] = json.loads(line)
        if "error" in reply:
            raise StepFailedError(command, reply["error"], log=self._log)
        return reply

    def close(self) -> None:
        """End the process and whatever it started."""
        self._kill()
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):  # of a command that it did not live to read
                self._process.stdin.close()
        self._replies.close()

    def _kill(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
