"""TorchScript: the module traced on a sample, frozen, and run by torch's own interpreter."""

import warnings

from edgekit.benchmarks.engines.case import EngineCase
from edgekit.benchmarks.engines.torch_source import TorchSession, load_module, tensors

__all__ = ["TorchScript"]

# Its profiling executor optimizes in the first runs, which are not to be timed.
_WARM_UP_RUNS = 3


class TorchScript:
    """The source's module as TorchScript, by tracing and freezing."""

    name = "torchscript"

    def prepare(self, case: EngineCase) -> TorchSession:
        """Trace the module.

        Raises:
            EngineUnavailableError: torch is not installed, or there is no source with a module.
        """
        module = load_module(self.name, case)
        import torch

        with warnings.catch_warnings():
            # torch calls TorchScript deprecated; that it is still used is why it is here.
            warnings.simplefilter("ignore")
            scripted = torch.jit.freeze(torch.jit.trace(module, tensors(case)[0]))
        session = TorchSession(case, scripted, "traced and frozen")
        for _ in range(_WARM_UP_RUNS):
            session.run(0)
        return session
