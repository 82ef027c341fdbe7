"""The child's side of a worker process: take commands, answer, turn errors into replies."""

import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["serve"]

_LONGEST = 100_000  # characters of an error; the log has it all

Command = Callable[[dict[str, Any]], dict[str, Any]]


def serve(commands: Mapping[str, Command]) -> None:
    """Answer commands from standard input until it closes.

    A command is a JSON line with the name under ``command``; its reply is a JSON line on the
    file descriptor that the first argument of the program names.
    """
    with os.fdopen(int(sys.argv[1]), "w") as replies:
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
