"""Run cases in child processes, so that one that crashes or hangs is an outcome too."""

import multiprocessing
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

__all__ = ["run_all"]

Item = TypeVar("Item")
Result = TypeVar("Result")


def run_all(
    items: Sequence[Item],
    run: Callable[[Item], Result],
    lost: Callable[[Item], Result],
    *,
    jobs: int,
    seconds: float,
) -> list[Result]:
    """Return the result of each item.

    Args:
        items: What to run.
        run: Runs one, in a forked child.
        lost: Gives the result of an item whose child died or was silent for too long.
        jobs: How many children run at a time.
        seconds: That one item may take.
    """
    found: dict[int, Result] = {}
    waiting = [list(range(len(items)))[start::jobs] for start in range(jobs)]
    running: list[_Child[Item, Result]] = []
    while waiting or running:
        while waiting and len(running) < jobs:
            if indices := waiting.pop():
                running.append(_Child(items, indices, run, seconds))
        wait([child.receiver for child in running], timeout=1)
        for child in list(running):
            found.update(child.receive())
            if child.is_done:
                running.remove(child)
                waiting.extend(_after(child.indices, items, lost, found))
    return [found[index] for index in sorted(found)]


def _after(
    indices: list[int],
    items: Sequence[Item],
    lost: Callable[[Item], Result],
    found: dict[int, Result],
) -> Iterator[list[int]]:
    """Yield what a child that ended left undone: the item that it died of alone, and the rest."""
    left = [index for index in indices if index not in found]
    if len(indices) > 1:
        yield left[:1]
        yield left[1:]
    elif left:
        found[left[0]] = lost(items[left[0]])


class _Child(Generic[Item, Result]):
    """A forked process that runs some items and sends each result."""

    def __init__(
        self,
        items: Sequence[Item],
        indices: list[int],
        run: Callable[[Item], Result],
        seconds: float,
    ) -> None:
        context = multiprocessing.get_context("fork")
        self.indices = indices
        self.receiver, sender = context.Pipe(duplex=False)
        self._seconds = seconds
        self._process = context.Process(target=_work, args=(items, indices, run, sender))
        self._process.start()
        sender.close()
        self._heard = time.monotonic()
        self.is_done = False

    def receive(self) -> dict[int, Result]:
        """Return what has arrived; a child that is silent for too long is ended."""
        arrived: dict[int, Result] = {}
        try:
            while self.receiver.poll():
                index, result = self.receiver.recv()
                arrived[index] = result
                self._heard = time.monotonic()
        except EOFError:
            self.is_done = True
        if time.monotonic() - self._heard > self._seconds:
            self._process.kill()
            self.is_done = True
        if self.is_done:
            self._process.join()
        return arrived


def _work(
    items: Sequence[Item],
    indices: list[int],
    run: Callable[[Item], Any],
    sender: Connection,
) -> None:
    warnings.simplefilter("ignore")
    for index in indices:
        sender.send((index, run(items[index])))
