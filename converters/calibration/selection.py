"""The slice suffix of a data path: `kws_eval.npz[:100]` is its first 100 samples."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from edgekit.converters.calibration.errors import SelectorError
from edgekit.errors import UnreadableFileError

__all__ = ["Selection"]

_SUFFIX = re.compile(r"^(?P<path>.+?)(?P<suffix>\[[^\[\]/]*\])$", re.DOTALL)
_SLICE = re.compile(r"^\[\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(-?\d+)?\s*)?\]$")


@dataclass(frozen=True, slots=True)
class Selection:
    """A path and which of its samples are meant.

    Attributes:
        path: The file or folder, without the slice.
        part: The slice.
        suffix: The slice as it was written, or nothing.
        limit: Take at most this many of the slice's samples.
    """

    path: Path
    part: slice
    suffix: str = ""
    limit: int | None = None

    @classmethod
    def parse(cls, source: Path | str, *, limit: int | None = None) -> Self:
        """Split a slice suffix off ``source``.

        A file whose own name ends in brackets is meant literally when it exists.

        Raises:
            SelectorError: The brackets hold no Python slice, or its step is 0.
            UnreadableFileError: There is no such file or folder.
        """
        path = Path(source).expanduser()
        found = _SUFFIX.match(str(path))
        if found is None or path.exists():
            return cls._existing(path, slice(None), "", limit)
        bounds = _SLICE.match(found["suffix"])
        if bounds is None or (bounds[3] is not None and int(bounds[3]) == 0):
            raise SelectorError(found["path"], found["suffix"])
        part = slice(*(None if bound is None else int(bound) for bound in bounds.groups()))
        return cls._existing(Path(found["path"]), part, found["suffix"], limit)

    @classmethod
    def _existing(cls, path: Path, part: slice, suffix: str, limit: int | None) -> Self:
        if not path.exists():
            raise UnreadableFileError(path, "no such file or folder")
        return cls(path, part, suffix, limit)

    @property
    def name(self) -> str:
        """The path's last part with the slice: how reports call the data."""
        return f"{self.path.name or self.path.resolve().name}{self.suffix}"

    @property
    def end(self) -> int | None:
        """How many leading samples are enough, None when only all of them are.

        Lets an endless generator be used with ``[:100]`` or with a limit.
        """
        start, stop, step = self.part.start or 0, self.part.stop, self.part.step or 1
        if start < 0 or step < 0 or (stop is not None and stop < 0):
            return None
        ends = [] if stop is None else [stop]
        if self.limit is not None:
            ends.append(start + step * self.limit)
        return min(ends, default=None)

    def of(self, count: int) -> range:
        """Return the selected positions among ``count`` samples."""
        chosen = range(count)[self.part]
        return chosen if self.limit is None else chosen[: self.limit]
