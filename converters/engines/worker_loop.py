"""The child's side of a worker process: take commands, answer, turn errors into replies."""

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

__all__ = ["serve"]

_LONGEST = 100_000  # characters of an error; the log has it all
_LOOKS_EVERY = 0.5  # seconds

Command = Callable[[dict[str, Any]], dict[str, Any]]


def serve(commands: Mapping[str, Command]) -> None:
    """Answer commands from standard input until it closes.

    A command is a JSON line with the name under ``command``; its reply is a JSON line on the
    file descriptor that the first argument of the program names. When the parent is killed in
    the middle of a command, this process and what it started end as well.
    """
    with _outliving_nobody(), os.fdopen(int(sys.argv[1]), "w") as replies:
        for line in sys.stdin:
            request = json.loads(line)
            try:
                reply = commands[request["command"]](request)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - some tools leave by sys.exit
                traceback.print_exc()
                text = f"{type(error).__name__}: {error}"
                reply = {"error": text[:_LONGEST]}
            replies.write(json.dumps(reply) + "\n")
            replies.flush()


@contextmanager
def _outliving_nobody() -> Iterator[None]:
    """End this process group once the parent is gone."""
    parent, done = os.getppid(), threading.Event()

    def watch() -> None:
        while not done.wait(_LOOKS_EVERY):
            if os.getppid() != parent:
                os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        done.set()
