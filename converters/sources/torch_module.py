"""Take a torch module, an ExportedProgram or a `.pt2` file as a source."""

import io
import logging
import os
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.sources.base import Sample, SourceError, SourceModel
from edgekit.converters.sources.canonical import InputShapes, canonicalise
from edgekit.errors import MissingDependencyError, UnreadableFileError

__all__ = ["TorchReference", "from_exported_program", "from_module", "import_torch", "read_pt2"]


def import_torch() -> Any:
    """Return the torch package.

    Raises:
        MissingDependencyError: torch or its ONNX exporter is not installed.
    """
    for package in ("torch", "onnxscript"):
        try:
            __import__(package)
        except ModuleNotFoundError as error:
            raise MissingDependencyError(package, extra="torch", purpose="a torch model") from error
    import torch

    return torch


def from_module(
    module: Any,
    example_inputs: Sequence[Any],
    *,
    input_shapes: InputShapes | None = None,
    kind: str = "torch-module",
    name: str | None = None,
) -> SourceModel:
    """Take a ``torch.nn.Module``, in evaluation mode, with its example inputs.

    Raises:
        SourceError: torch cannot export the module.
    """
    torch = import_torch()
    module.eval()
    name = name or type(module).__name__
    try:
        with _quiet():
            program = torch.export.export(module, tuple(example_inputs))
    except Exception as error:
        raise SourceError(
            f"torch.export cannot trace {name}: {_short(error)}",
            hint="torch.export.export(model, args) must work by itself; see its message with "
            "--debug",
        ) from error
    return from_exported_program(
        program, input_shapes=input_shapes, kind=kind, name=name, module=module
    )


def from_exported_program(
    program: Any,
    *,
    input_shapes: InputShapes | None = None,
    kind: str = "exported-program",
    name: str = "exported-program",
    module: Any = None,
) -> SourceModel:
    """Take a ``torch.export.ExportedProgram``.

    Raises:
        SourceError: torch cannot write it as ONNX.
    """
    torch = import_torch()
    try:
        with _quiet():
            exported = torch.onnx.export(program, dynamo=True, verbose=False)
    except Exception as error:
        raise SourceError(
            f"torch cannot export {name} to ONNX: {_short(error)}",
            hint="replace the operator it names, or register an ONNX translation for it",
        ) from error
    model = exported.model_proto
    reference = TorchReference(
        module if module is not None else program.module(),
        inputs=[value.name for value in model.graph.input],
        outputs=[value.name for value in model.graph.output],
    )
    return canonicalise(
        model, kind=kind, name=name, input_shapes=input_shapes or {}, reference=reference
    )


def read_pt2(path: Path, input_shapes: InputShapes, *, trust_pickle: bool = False) -> SourceModel:
    """Read a program saved by ``torch.export.save``.

    Its weights are data. Pickled objects are code: unless ``trust_pickle``, an archive that
    holds any is refused before anything is loaded.

    Raises:
        UnreadableFileError: Not a `.pt2` archive, or one with pickled objects.
    """
    torch = import_torch()
    try:
        with zipfile.ZipFile(path) as archive:
            members = [Path(member).name for member in archive.namelist()]
    except (OSError, zipfile.BadZipFile) as error:
        raise UnreadableFileError(path, f"not a .pt2 archive ({error})") from error
    if not trust_pickle and any(m.startswith(("custom_obj_", "opaque_obj_")) for m in members):
        raise UnreadableFileError(
            path,
            "it holds pickled objects, which can run any code when loaded",
            hint="if you trust where it comes from, pass --trust-pickle",
        )
    try:
        with _quiet(), _weights_only(enabled=not trust_pickle):
            program = torch.export.load(path)
    except Exception as error:
        raise UnreadableFileError(
            path, f"torch.export.load cannot read it: {_short(error)}"
        ) from error
    return from_exported_program(
        program, input_shapes=input_shapes, kind="exported-program", name=path.name
    )


class TorchReference:
    """Eager torch on the CPU, as the reference of a torch source."""

    name = "torch"

    def __init__(self, module: Any, *, inputs: list[str], outputs: list[str]) -> None:
        self._module = module
        self._inputs = inputs
        self._outputs = outputs

    def run(self, sample: Sample) -> dict[str, npt.NDArray[Any]]:
        """Return every output by name for one sample."""
        import torch

        arguments = [torch.from_numpy(np.array(sample[name])) for name in self._inputs]
        with torch.no_grad():
            result = self._module(*arguments)
        flat, _ = torch.utils._pytree.tree_flatten(result)  # noqa: SLF001 - the order torch.export uses
        values = [value.detach().numpy() for value in flat]
        return dict(zip(self._outputs, values, strict=True))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter's prints, log lines and deprecation warnings from the user."""
    disabled = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


@contextmanager
def _weights_only(*, enabled: bool) -> Iterator[None]:
    """Make every ``torch.load`` inside refuse pickled code, also where torch asks otherwise."""
    name = "TORCH_FORCE_WEIGHTS_ONLY_LOAD"
    before = os.environ.get(name)
    if enabled:
        os.environ[name] = "1"
    try:
        yield
    finally:
        if enabled and before is None:
            os.environ.pop(name)


def _short(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
