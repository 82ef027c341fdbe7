"""Take a torch module, an ExportedProgram or a `.pt2` file as a source."""

import copy
import io
import logging
import os
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edgekit.converters.sources.base import Sample, SourceError, SourceModel, first_line
from edgekit.converters.sources.canonical import canonicalise
from edgekit.converters.sources.coreml_buffers import declared_compression
from edgekit.converters.sources.shapes import InputShapes
from edgekit.converters.sources.torch_quantization import (
    exportable,
    frozen,
    import_quantized_operators,
    is_prepared,
)
from edgekit.converters.sources.torch_training import refuse_training, training_parts
from edgekit.errors import MissingDependencyError, UnreadableFileError

# What marks members of a .pt2 archive that torch unpickles or loads as a library.
_CODE = ("custom_obj_", "opaque_obj_", "aotinductor")
_TENSOR = object()

__all__ = [
    "TorchReference",
    "from_exported_program",
    "from_module",
    "import_torch",
    "quiet_torch",
    "read_pt2",
]


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
    computes: Any = None,
) -> SourceModel:
    """Take a ``torch.nn.Module``, in evaluation mode, with its example inputs.

    The module is left in the mode it was in.

    Args:
        module: What is exported.
        example_inputs: What it takes.
        input_shapes: Shapes that the user fixed.
        kind: What the user gave.
        name: What to call it; the name of its class when None.
        computes: The module that the reference runs, where that is another one.

    Raises:
        SourceError: torch cannot export the module.
    """
    torch = import_torch()
    name = name or type(module).__name__
    exported, leftovers = module, training_parts(module)
    if is_prepared(module):
        with quiet_torch():
            exported, module = exportable(module), frozen(module)
    try:
        with quiet_torch(), _evaluating(exported):
            program = torch.export.export(exported, tuple(example_inputs))
    except Exception as error:
        raise SourceError(
            f"torch.export cannot trace {name}: {first_line(error)}",
            hint="torch.export.export(model, args) must work by itself; see its message with "
            "--debug",
        ) from error
    source = from_exported_program(
        program,
        input_shapes=input_shapes,
        kind=kind,
        name=name,
        module=module if computes is None else computes,
    )
    return replace(source, findings=(*source.findings, *leftovers))


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
        SourceError: torch cannot write it as ONNX, or it is in training mode.
    """
    torch = import_torch()
    refuse_training(program, name)
    try:
        with quiet_torch():
            exported = torch.onnx.export(program, dynamo=True, verbose=False)
    except Exception as error:
        raise SourceError(
            f"torch cannot export {name} to ONNX: {first_line(error)}",
            hint="replace the operator it names, or register an ONNX translation for it",
        ) from error
    model = exported.model_proto
    reference = TorchReference(
        module if module is not None else program.module(check_guards=False),
        program,
        inputs=[value.name for value in model.graph.input],
        outputs=[value.name for value in model.graph.output],
    )
    source = canonicalise(
        model, kind=kind, name=name, input_shapes=input_shapes or {}, reference=reference
    )
    state = program.state_dict if module is None else module.state_dict()
    return replace(source, declared=declared_compression(state))


def read_pt2(path: Path, input_shapes: InputShapes, *, trust_pickle: bool = False) -> SourceModel:
    """Read a program saved by ``torch.export.save``.

    Its weights are data. Pickled objects are code: unless ``trust_pickle``, an archive that
    holds any is refused before anything is loaded.

    Raises:
        UnreadableFileError: Not a `.pt2` archive, or one with pickled objects.
    """
    torch = import_torch()
    code = [name for name in _members(path) if any(mark in name.lower() for mark in _CODE)]
    if code and not trust_pickle:
        raise UnreadableFileError(
            path,
            f"it holds {code[0]}, which can run any code when loaded",
            hint="if you trust where it comes from, pass --trust-pickle",
        )
    try:
        with quiet_torch(), _weights_only(enabled=not trust_pickle):
            import_quantized_operators()
            program = torch.export.load(path)
    except Exception as error:
        raise UnreadableFileError(
            path, f"torch.export.load cannot read it: {first_line(error)}"
        ) from error
    return from_exported_program(
        program, input_shapes=input_shapes, kind="exported-program", name=path.name
    )


class TorchReference:
    """Eager torch on the CPU, as the reference of a torch source.

    Args:
        module: What computes.
        program: The ``ExportedProgram`` of it, which knows how arguments nest and which of
            them are constants.
        inputs: Names of the tensors among the arguments, flattened.
        outputs: Names of the tensors among the results, flattened.
    """

    name = "torch"

    def __init__(self, module: Any, program: Any, *, inputs: list[str], outputs: list[str]) -> None:
        self._module = module
        self._structure = program.call_spec.in_spec
        self._constants = _constants(program)
        self._inputs = inputs
        self._outputs = outputs

    def of(self, module: Any) -> "TorchReference":
        """Return what runs another module in the same way."""
        other = copy.copy(self)
        other._module = module  # noqa: SLF001  of its own class
        return other

    def run(self, sample: Sample) -> dict[str, npt.NDArray[Any]]:
        """Return every output by name for one sample.

        Raises:
            SourceError: The module refuses the sample.
        """
        import torch
        from torch.utils import _pytree as pytree  # what torch.export flattens with

        tensors = (torch.from_numpy(np.array(sample[name])) for name in self._inputs)
        leaves = [next(tensors) if item is _TENSOR else item for item in self._constants]
        arguments, keywords = pytree.tree_unflatten(leaves, self._structure)
        try:
            with torch.no_grad(), _evaluating(self._module):
                result = self._module(*arguments, **keywords)
        except Exception as error:
            raise SourceError(
                f"torch cannot run the model: {first_line(error)}",
                hint="are the samples such that the model takes them, token ids for example?",
            ) from error
        values = [leaf for leaf in pytree.tree_leaves(result) if isinstance(leaf, torch.Tensor)]
        return dict(zip(self._outputs, (value.numpy() for value in values), strict=True))


def _constants(program: Any) -> list[Any]:
    """Return the flattened arguments of a program: `_TENSOR` for a tensor, else its value."""
    from torch.export.graph_signature import ConstantArgument, InputKind

    return [
        item.arg.value if isinstance(item.arg, ConstantArgument) else _TENSOR
        for item in program.graph_signature.input_specs
        if item.kind is InputKind.USER_INPUT
    ]


def _members(path: Path) -> set[str]:
    """Return the names in a .pt2 archive, as both readers see them that torch may use."""
    import torch

    try:
        with zipfile.ZipFile(path) as archive:
            names = {member.orig_filename for member in archive.infolist()}
    except (OSError, zipfile.BadZipFile) as error:
        raise UnreadableFileError(path, f"not a .pt2 archive ({error})") from error
    # An archive of torch before 2.8 is read with zipfile alone.
    with suppress(RuntimeError):
        names.update(torch._C.PyTorchFileReader(str(path)).get_all_records())  # noqa: SLF001
    return names


@contextmanager
def _evaluating(module: Any) -> Iterator[None]:
    """Put a module into evaluation mode, and each of its parts back afterwards."""
    import torch

    if isinstance(module, torch.fx.GraphModule):  # exported: its mode is part of its graph
        yield
        return
    modes = {part: part.training for part in module.modules()}
    module.eval()
    try:
        yield
    finally:
        for part, training in modes.items():
            part.training = training


@contextmanager
def quiet_torch() -> Iterator[None]:
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
        if enabled:
            os.environ.pop(name)
        if before is not None:
            os.environ[name] = before
