"""Write what every converter gets of a family: an ONNX file, samples, and torch's results."""

import contextlib
import io
import logging
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["CALIBRATION", "EVALUATION", "Prepared", "build", "prepare"]

CALIBRATION, EVALUATION = 64, 16  # samples
_SEED = 0

Arrays = list[npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """The files of one family.

    Attributes:
        folder: Where they lie.
    """

    folder: Path

    @property
    def onnx(self) -> Path:
        """The network as torch's exporter (dynamo) writes it."""
        return self.folder / "network.onnx"

    @property
    def is_there(self) -> bool:
        """Whether the family was prepared before; the results are written last."""
        return (self.folder / "results.npz").is_file()

    def samples(self) -> list[Arrays]:
        """Return all samples, those for calibration first, inputs by position."""
        return _read(self.folder / "samples.npz")

    def results(self) -> list[Arrays]:
        """Return torch's outputs by position, one entry for each evaluation sample."""
        return _read(self.folder / "results.npz")


def build(family: str) -> Any:
    """Return a family's network with its seeded weights."""
    import torch

    from architectures.families import FAMILIES

    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    torch.manual_seed(_SEED)
    return FAMILIES[family]()


def prepare(family: str, folder: Path) -> None:
    """Write the files of a family."""
    import torch

    built = build(family)
    folder.mkdir(parents=True, exist_ok=True)
    files = Prepared(folder)
    generator = np.random.default_rng(_SEED + 1)
    samples = [list(built.draw(generator)) for _ in range(CALIBRATION + EVALUATION)]
    with contextlib.redirect_stdout(io.StringIO()):
        torch.onnx.export(built.module, built.inputs, files.onnx, dynamo=True, external_data=False)
    results = []
    for sample in samples[CALIBRATION:]:
        with torch.no_grad():
            given = built.module(*(torch.from_numpy(array) for array in sample))
        given = given if isinstance(given, tuple | list) else (given,)
        results.append([value.numpy() for value in given])
    _write(folder / "samples.npz", samples)
    _write(folder / "results.npz", results)


def _write(path: Path, items: list[Arrays]) -> None:
    columns = enumerate(zip(*items, strict=True))
    np.savez(path, **{str(place): np.stack(arrays) for place, arrays in columns})


def _read(path: Path) -> list[Arrays]:
    with np.load(path) as archive:
        columns = [archive[str(place)] for place in range(len(archive.files))]
    return [[column[index] for column in columns] for index in range(len(columns[0]))]
