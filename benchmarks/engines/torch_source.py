"""A torch source in this process: its module, and samples as tensors."""

import runpy
from typing import Any

from numpy.typing import NDArray

from edgekit.benchmarks.engines.case import EngineCase
from edgekit.benchmarks.engines.engine import EngineDescription, Form
from edgekit.benchmarks.engines.errors import EngineUnavailableError

__all__ = ["TorchSession", "load_module", "load_program", "tensors"]


def _import_torch(engine: str, case: EngineCase) -> Any:
    try:
        import torch
    except ModuleNotFoundError as error:
        raise EngineUnavailableError(
            engine, "torch is not installed", hint="pip install 'edgekit[torch]'"
        ) from error
    if case.torch_file is None:
        raise EngineUnavailableError(
            engine,
            "it runs torch sources, and none was given",
            hint="pass --source with the .py or .pt2 that the bundle was built from",
        )
    torch.set_num_threads(case.threads)
    torch.set_grad_enabled(False)
    return torch


def load_module(engine: str, case: EngineCase) -> Any:
    """Return the source as a ``torch.nn.Module`` in evaluation mode.

    Raises:
        EngineUnavailableError: torch is not installed, or there is no source with a module.
    """
    torch = _import_torch(engine, case)
    path = case.torch_file
    found = runpy.run_path(str(path))["get_model"]() if path and path.suffix == ".py" else None
    if not isinstance(found, torch.nn.Module):
        raise EngineUnavailableError(
            engine,
            "the source is an exported program, and this engine runs modules",
            hint="pass a .py whose get_model() returns the torch.nn.Module",
        )
    return found.eval()


def load_program(engine: str, case: EngineCase) -> Any:
    """Return the source as a ``torch.export.ExportedProgram``, exported here if need be.

    Raises:
        EngineUnavailableError: torch is not installed, or there is no source.
    """
    torch = _import_torch(engine, case)
    path = case.torch_file
    if path and path.suffix == ".pt2":
        return torch.export.load(path)
    found = runpy.run_path(str(path))["get_model"]()
    if isinstance(found, torch.export.ExportedProgram):
        return found
    return torch.export.export(found.eval(), tensors(case)[0])


def tensors(case: EngineCase) -> list[tuple[Any, ...]]:
    """Return each sample as the arguments of ``forward``, in the order of the source."""
    import torch

    return [
        tuple(torch.from_numpy(sample[spec.name]) for spec in case.inputs)
        for sample in case.source_samples()
    ]


class TorchSession:
    """A callable on tensors; see `edgekit.benchmarks.engines.engine.EngineSession`."""

    def __init__(self, case: EngineCase, function: Any, how: str) -> None:
        import torch

        self._function = function
        self._tensors = tensors(case)
        self._names = [spec.name for spec in case.outputs]
        self._values: Any = None
        self.description = EngineDescription("torch", torch.__version__, Form.FLOAT, how)

    def run(self, sample: int) -> None:
        """Call the model on a sample's tensors, which share the arrays' memory."""
        self._values = self._function(*self._tensors[sample])

    def outputs(self) -> dict[str, NDArray[Any]]:
        """Return the outputs of the last run."""
        from torch.utils import _pytree as pytree  # what torch.export flattens with

        leaves = pytree.tree_leaves(self._values)
        return dict(zip(self._names, (leaf.detach().numpy() for leaf in leaves), strict=True))
