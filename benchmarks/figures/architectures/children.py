"""Run a function in a process of its own: its memory is its own, and a crash is an answer."""

import multiprocessing
import os
import re
import resource
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

__all__ = ["ChildError", "first_line", "in_child", "used_seconds"]

_ENDING_SECONDS = 10  # to clean up after the answer
_FOLDERS = re.compile(r"(?<![\w.:/])(?:/[\w.+-]+)+/")  # of an absolute path
_MOST_BYTES = 16 << 30  # of address space: what takes more ends alone, not with the machine


class ChildError(Exception):
    """A child that took too long, died or raised."""


def in_child(function: Callable[..., Any], *arguments: Any, seconds: float) -> Any:
    """Return what a function returns in a fresh interpreter.

    Raises:
        ChildError: It raised, died, or was not done in time.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_work, args=(sender, function, arguments))
    child.start()
    sender.close()
    try:
        if not receiver.poll(seconds):
            raise ChildError(f"not done after {seconds:.0f} s")
        is_done, result = receiver.recv()
        child.join(_ENDING_SECONDS)
    except EOFError:
        child.join()
        raise ChildError(f"the process ended with code {child.exitcode}") from None
    finally:
        child.kill()
        child.join()
    if not is_done:
        raise ChildError(result)
    return result


def _work(sender: Connection, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, resource.RLIM_INFINITY))
    try:
        sender.send((True, function(*arguments)))
    except Exception as error:  # noqa: BLE001  (told to the parent)
        sender.send((False, f"{type(error).__name__}: {first_line(error)}"))


def first_line(error: Exception) -> str:
    """Return what an error says, short enough for a table and without this machine's folders."""
    return _FOLDERS.sub("", (str(error).splitlines() or [""])[0])[:300]


def used_seconds() -> float:
    """Return the processor time of this process and of its children that ended, in seconds.

    Unlike a clock it does not count what other processes of the machine do.
    """
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
