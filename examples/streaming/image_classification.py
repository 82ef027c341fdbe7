"""Classify every picture in a folder, and count how many are right where folders name classes.

    python examples/streaming/image_classification.py cats.edgekit pictures/ --top 3

Each line is a picture with its best classes. Where a picture's folder has the name of a class,
that is taken for the truth, and the share of right answers is printed at the end. A picture that
cannot be read is told and left out. The bundle says how pictures become numbers, so that it has
to be built with ``--mean`` and ``--std``.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from edgekit.errors import UnreadableFileError
from edgekit.runtime import Classification, Model, PictureError

SUFFIXES = {".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"}


@dataclass
class Tally:
    """What became of the pictures of a folder.

    Attributes:
        pictures: That were classified.
        unreadable: That were left out.
        known: Of the classified, those whose folder names a class.
        right: Of those, how many have that class.
        seconds: From the file to the classes, all pictures together.
    """

    pictures: int = 0
    unreadable: int = 0
    known: int = 0
    right: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        each_ms = 1000 * self.seconds / self.pictures if self.pictures else 0.0
        text = f"{self.pictures} pictures, {each_ms:.1f} ms each with reading the file"
        if self.unreadable:
            text += f", {self.unreadable} not readable"
        if self.known:
            text += f"; {self.right} of {self.known} right ({self.right / self.known:.1%})"
        return text


def pictures(folder: Path) -> Iterator[Path]:
    """Yield the pictures of a folder and of those in it, in the order of their names."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES and path.is_file():
            yield path


def classify(model: Model, path: Path, top: int, tally: Tally) -> list[Classification]:
    """Return the best classes of a picture, and count it."""
    began_s = perf_counter()
    found = model.classify(path, top=top)
    tally.seconds += perf_counter() - began_s
    tally.pictures += 1
    if path.parent.name in model.labels:
        tally.known += 1
        tally.right += path.parent.name == found[0].label
    return list(found)


def main() -> None:
    """Read the options, and classify."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--top", type=int, default=1, help="classes to print for each picture")
    options = parser.parse_args()
    if not options.folder.is_dir():
        raise SystemExit(f"{options.folder} is no folder")
    tally = Tally()
    with Model(options.bundle) as model:
        model.warm_up()
        for path in pictures(options.folder):
            try:
                found = classify(model, path, options.top, tally)
            except (UnreadableFileError, PictureError) as error:
                tally.unreadable += 1
                print(error.message, file=sys.stderr)
                continue
            classes = ", ".join(f"{each.label} {each.score:.2f}" for each in found)
            print(f"{path.relative_to(options.folder)}: {classes}")
    print(tally)


if __name__ == "__main__":
    main()
