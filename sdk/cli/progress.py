"""Show the stages of long work on standard error: a line each, and a bar on a terminal."""

import time
from enum import StrEnum
from types import TracebackType
from typing import Any, Self, TextIO

from edgekit.cli.output import Output

__all__ = ["ConsoleProgress"]

_REDRAW_SECONDS = 0.5


class ConsoleProgress:
    """A :class:`edgekit.progress.Progress` for people; used as a context manager.

    Args:
        output: How much to say.
        stream: Where to draw, standard error where None.
        between_runs: Draw only when told of progress, and not from a thread of its own, which
            would take turns with what is timed.
    """

    def __init__(
        self, output: Output, *, stream: TextIO | None = None, between_runs: bool = False
    ) -> None:
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self._output = output
        self._console = Output.console(stderr=True, stream=stream)
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            console=self._console,
            disable=output.quiet or not self._console.is_terminal,
            auto_refresh=not between_runs,
        )
        self._between_runs = between_runs
        self._drawn_s = 0.0
        self._task: Any = None

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop to draw, also after an error."""
        if error is None:
            self._finish()
        self._bar.stop()

    def stage(self, stage: StrEnum) -> None:
        """Close the stage before and open this one."""
        self._finish()
        self._task = self._bar.add_task(str(stage), total=None)
        if not self._console.is_terminal and not self._output.quiet:
            stages = list(type(stage))
            number = stages.index(stage) + 1
            self._console.print(f"[{number}/{len(stages)}] {stage}")

    def advance(self, done: int, total: int) -> None:
        """Move the bar."""
        self._bar.update(self._task, completed=done, total=total)
        if self._between_runs and time.monotonic() - self._drawn_s >= _REDRAW_SECONDS:
            self._bar.refresh()
            self._drawn_s = time.monotonic()

    def step(self, name: str) -> None:
        """Name the part of the stage beside the bar, or print it as a line."""
        self._bar.update(self._task, description=name, completed=0, total=None)
        if not self._console.is_terminal and not self._output.quiet:
            self._console.print(f"      {name}")

    def notice(self, text: str) -> None:
        """Print a decision, when asked for."""
        if self._output.verbose:
            self._console.print(f"note: {text}")

    def warn(self, text: str) -> None:
        """Print a warning, loudly."""
        if not self._output.quiet:
            self._console.print(f"WARNING: {text}", style="bold yellow")

    def _finish(self) -> None:
        if self._task is not None:
            self._bar.update(self._task, completed=1, total=1)
